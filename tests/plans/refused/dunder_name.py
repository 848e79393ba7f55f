answer(__builtins__)
