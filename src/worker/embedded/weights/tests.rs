use super::*;

/// The widened blocks give exactly the floats of the original ones.
#[test]
fn widening_is_exact() {
    let mut bytes = Vec::new();
    for n in 0..6_u8 {
        bytes.extend_from_slice(&[0x12 + n, 0x2c]);
        bytes.extend((0..20).map(|j| n.wrapping_mul(37).wrapping_add(j * 13)));
    }
    let read = |bytes: Vec<u8>, dtype, shape| {
        let storage = QStorage::from_data(Cow::Owned(bytes), &Device::Cpu, dtype).unwrap();
        QTensor::new(storage, shape).unwrap().dequantize(&Device::Cpu).unwrap().to_vec2::<f32>().unwrap()
    };
    let wide = read(widen(&bytes, 2, 3, 4), GgmlDType::Q8_0, (2, 128));
    let narrow = read(bytes, GgmlDType::Q5_0, (2, 96));
    for (wide, narrow) in wide.iter().zip(&narrow) {
        assert_eq!(&wide[..96], &narrow[..]);
        assert!(wide[96..].iter().all(|x| *x == 0.0));
    }
    assert!(narrow[0].iter().any(|x| *x != 0.0));
}
