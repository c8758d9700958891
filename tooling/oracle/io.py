"""Files by NumPy and safetensors for tests/io: python io.py tests/io/fixtures (pip install numpy safetensors)"""
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

out = Path(sys.argv[1])
arrays = {
    "f64": np.array([[1.5, -2.0, np.pi], [np.inf, np.nan, 1e-310]]),
    "f32": np.array([1.5, -0.0], np.float32),
    "f16": np.array([1.5, 6e-8, -65504], np.float16),
    "i64": np.array([-1, 2**31 - 1], np.int64),
    "i64_wide": np.array([2**40, -(2**53)], np.int64),
    "i32": np.array([[7], [-8]], np.int32),
    "i16": np.array([-300, 300], np.int16),
    "u8": np.array([0, 255], np.uint8),
    "bool": np.array([True, False, True]),
    "scalar": np.array(4.25),
    "empty": np.zeros((0, 3)),
}
save_file(arrays, out / "python.safetensors", metadata={"made by": "safetensors", "unit": "ppm"})
np.savez(out / "stored.npz", fortran=np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)), big=np.arange(3, dtype=">f8"), **arrays)
np.savez_compressed(out / "compressed.npz", zeros=np.zeros((100, 100)), x=np.linspace(0, 1, 7))
np.save(out / "single.npy", np.arange(6, dtype=np.int32).reshape(2, 3))
np.savez(out / "pickled.npz", obj=np.array([{"a": 1}], dtype=object))
