"""Runs ONNX Runtime on pairs MODEL.onnx, X.npy and writes MODEL.onnx.npy with its answers, for OnnxRuntimeTest."""
import sys
import numpy as np, onnxruntime
for model, x in zip(sys.argv[1::2], sys.argv[2::2]):
    session = onnxruntime.InferenceSession(model)
    given = session.get_inputs()[0]
    rows = np.load(x)
    rows = rows.reshape([len(rows)] + list(given.shape[1:]))
    np.save(model + '.npy', np.ascontiguousarray(session.run(None, {given.name: rows})[0], np.float32))
