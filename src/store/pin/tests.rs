use crate::kernel::id::Digest;
use crate::kernel::principal::Principal;
use crate::store::tests::fixture;

#[test]
fn a_pin_is_kept_and_replaced() {
    let f = fixture();
    let ann = Principal::new("ann");
    assert_eq!(f.store.pinned("invoices").unwrap(), None);
    f.store.pin("invoices", Digest::of(b"one"), &ann).unwrap();
    f.store.pin("invoices", Digest::of(b"two"), &ann).unwrap();
    assert_eq!(f.store.pinned("invoices").unwrap(), Some(Digest::of(b"two")));
    assert_eq!(f.store.pinned("other").unwrap(), None);
}
