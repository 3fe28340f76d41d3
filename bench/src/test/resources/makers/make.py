"""Makes models by PyTorch and scikit-learn as a user would, with rows and the answers of their makers, for FourMakersTest.

usage: python make.py DIR        made with torch 2.13.0, onnxscript 0.7.2, onnxruntime 1.30.0, scikit-learn 1.9.1
"""
import os, sys, warnings
import numpy as np, onnxruntime, torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch
from sklearn.neural_network import MLPClassifier
warnings.filterwarnings('ignore')
out = sys.argv[1]; os.makedirs(out, exist_ok=True); rng = np.random.default_rng(5)

def rows(n): return (rng.standard_normal((n, 6)) * 3).astype(np.float32)
def classes(x): return (x[:, 0] * x[:, 1] + x[:, 2] > 0).astype(np.int64) + (x[:, 3] > 2)
x, test = rows(2000), rows(20)

torch.manual_seed(1)
net = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.GELU(), torch.nn.LayerNorm(16), torch.nn.Linear(16, 3))
adam, loss = torch.optim.Adam(net.parameters(), 0.01), torch.nn.CrossEntropyLoss()
for _ in range(200):
    adam.zero_grad(); loss(net(torch.from_numpy(x)), torch.from_numpy(classes(x))).backward(); adam.step()
net.eval()
save_torch(net.state_dict(), f'{out}/torch.safetensors')
example = torch.from_numpy(test)
torch.onnx.export(net, (example,), f'{out}/torch_script.onnx', dynamo=False, input_names=['x'], output_names=['y'], dynamic_axes={'x': {0: 'n'}})
torch.onnx.export(net, (example,), f'{out}/torch_dynamo.onnx', dynamo=True, external_data=False, verbose=False, dynamic_shapes=({0: torch.export.Dim.DYNAMIC},))

mlp = MLPClassifier((16, 8), activation='tanh', random_state=1, max_iter=60).fit(x, classes(x))
weights = {}
for i, (w, b) in enumerate(zip(mlp.coefs_, mlp.intercepts_)):
    weights[f'{2 * i}.weight'] = np.ascontiguousarray(w.T, np.float32)
    weights[f'{2 * i}.bias'] = np.ascontiguousarray(b, np.float32)
save_file(weights, f'{out}/sklearn.safetensors')

answers = {'x': test, 'torch': net(example).detach().numpy(), 'sklearn': mlp.predict_proba(test).astype(np.float32)}
for name in ('script', 'dynamo'):
    session = onnxruntime.InferenceSession(f'{out}/torch_{name}.onnx')
    answers[name] = session.run(None, {session.get_inputs()[0].name: test})[0]
save_file({k: np.ascontiguousarray(v) for k, v in answers.items()}, f'{out}/answers.safetensors')
