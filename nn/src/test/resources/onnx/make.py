"""Makes the ONNX files of the tests, and beside each a safetensors file with rows (x) and what ONNX Runtime answers (y).

usage: python make.py DIR        made with torch 2.13.0, onnx 1.23.1, onnxscript 0.7.2, onnxruntime 1.30.0
NAME_scriptN.onnx and NAME_dynamoN.onnx are by PyTorch's two exporters for opset N; the others are hand-made.
"""
import os, sys, warnings
import numpy as np, onnx, onnxruntime as ort, torch
from onnx import TensorProto as T, helper as h, numpy_helper as nh
from safetensors.numpy import save_file
from torch import nn
warnings.filterwarnings('ignore')
out = sys.argv[1]; os.makedirs(out, exist_ok=True); rng = np.random.default_rng(0)

def record(path, inputs):
    options = ort.SessionOptions(); options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(path, options); i = session.get_inputs()[0]
    x = (rng.standard_normal((5, inputs)) * 2).astype(np.float32)
    y = session.run(None, {i.name: x.reshape([5] + list(i.shape[1:]))})[0]
    assert np.ptp(y, axis=0).max() > 1e-2, (path, y)
    save_file({'x': x, 'y': np.ascontiguousarray(y)}, path.replace('.onnx', '.safetensors'))

def net(*layers): return nn.Sequential(*layers)
L = nn.Linear
nets = dict(
    relu=(5, net(L(5, 7), nn.ReLU(), L(7, 3))),
    gelu=(6, net(nn.Flatten(), L(6, 8), nn.GELU(), L(8, 8), nn.GELU(approximate='tanh'), L(8, 8), nn.SiLU(), nn.Dropout(.3), L(8, 8), nn.Mish(), L(8, 4), nn.Softmax(dim=1))),
    norm=(6, net(nn.LayerNorm(6), L(6, 8), nn.LayerNorm(8, eps=1e-3), nn.Tanh(), L(8, 4), nn.LogSoftmax(dim=-1))),
    hard=(4, net(L(4, 8), nn.Hardswish(), L(8, 8), nn.Hardsigmoid(), L(8, 8), nn.Hardtanh(-2, 3), L(8, 8), nn.ReLU6(), L(8, 8), nn.Hardshrink(), L(8, 8), nn.Softshrink(), L(8, 8))),
    soft=(4, net(L(4, 8), nn.Sigmoid(), L(8, 8), nn.LogSigmoid(), L(8, 8), nn.Softplus(), L(8, 8), nn.Softsign(), L(8, 8), nn.Tanhshrink(), L(8, 8))),
    elus=(4, net(L(4, 8), nn.LeakyReLU(0.2), L(8, 8), nn.ELU(1.5), L(8, 8), nn.CELU(2.0), L(8, 8), nn.SELU(), L(8, 8), nn.PReLU(8), L(8, 8), nn.Threshold(0.1, 0.5))),
    rows=(4, net(L(4, 6, bias=False), nn.PReLU(), L(6, 1))))
for name, kind, opset in (('relu', 'script', 13), ('relu', 'dynamo', 23), ('gelu', 'script', 13), ('gelu', 'dynamo', 18), ('gelu', 'dynamo', 20), ('norm', 'script', 13), ('norm', 'dynamo', 20),
                          ('hard', 'script', 17), ('hard', 'dynamo', 18), ('soft', 'script', 17), ('soft', 'dynamo', 18), ('elus', 'dynamo', 20), ('rows', 'script', 17)):
    inputs, model = nets[name]; torch.manual_seed(1)
    for p in model.parameters():
        if p.dim() == 2: nn.init.normal_(p, std=1.2 / p.shape[1] ** .5)
        elif p.dim() == 1 and p.numel() > 1: nn.init.uniform_(p, .5, 1.5)
    model.eval(); path = f'{out}/{name}_{kind}{opset}.onnx'; x = torch.randn(2, inputs)
    if kind == 'dynamo': torch.onnx.export(model, (x,), path, dynamo=True, opset_version=opset, external_data=False, verbose=False, dynamic_shapes=({0: torch.export.Dim.DYNAMIC},))
    else: torch.onnx.export(model, (x,), path, dynamo=False, opset_version=opset, dynamic_axes={'x': {0: 'n'}}, input_names=['x'], output_names=['y'])
    record(path, inputs)

def normal(*shape): return rng.standard_normal(shape).astype(np.float32)
class Chain:
    """A chain of nodes: each call adds one, whose first input is the value before it."""
    def __init__(self, inputs, shape=None): self.inputs, self.shape, self.nodes, self.constants, self.last = inputs, shape or ['n', inputs], [], [], 'x'
    def constant(self, value, typed=False):
        name = f'c{len(self.constants)}'; value = np.asarray(value)
        self.constants.append(h.make_tensor(name, T.FLOAT, value.shape, value.ravel().tolist()) if typed else nh.from_array(value, name)); return name
    def f(self, value): return self.constant(np.float32(value))
    def __call__(self, op, *names, **attributes):
        y = f'v{len(self.nodes)}'; self.nodes.append(h.make_node(op, list(names) if names or op == 'Constant' else [self.last], [y], **attributes)); self.last = y; return y
    def linear(self, i, o, typed=False):
        self('MatMul', self.last, self.constant(normal(i, o) / i ** .5, typed)); self('Add', self.last, self.constant(normal(1, o), typed))
    def save(self, name, opset, outputs=None):
        ends = [h.make_tensor_value_info(o, T.FLOAT, ['n', None]) for o in outputs or [self.last]]
        graph = h.make_graph(self.nodes, name, [h.make_tensor_value_info('x', T.FLOAT, self.shape)], ends, self.constants)
        model = h.make_model(graph, opset_imports=[h.make_opsetid('', opset)], producer_name='hand'); model.ir_version = 8
        path = f'{out}/{name}.onnx'; onnx.checker.check_model(model); onnx.save(model, path); record(path, self.inputs)

c = Chain(5)  # as scikit-learn's converter writes a classifier
c('Cast', to=T.FLOAT); c.linear(5, 8, True); c('Relu'); c.linear(8, 8, True); c('Tanh'); c.linear(8, 3, True); c('Softmax', axis=1)
c.save('sklearn', 15)

c = Chain(6)  # activations in forms that exporters choose
c.linear(6, 8); x = c.last
e = c('Erf', c('Mul', x, c.f(0.70710678))); c('Mul', c('Mul', c.f(0.5), x), c('Add', c.f(1), e)); c.linear(8, 8); x = c.last  # GELU
c('Mul', c('Sigmoid', c('Mul', c.f(1.702), x)), x); c.linear(8, 8); x = c.last  # quick GELU
c('Mul', x, c('Tanh', c('Log', c('Add', c('Exp', x), c.f(1))))); c.linear(8, 8); x = c.last  # Mish
c('Div', c('Mul', x, c('Clip', c('Add', x, c.f(3)), c.f(0), c.f(6))), c.f(6)); c.linear(8, 8); x = c.last  # hardswish
c('Div', x, c('Add', c('Exp', c('Neg', x)), c.f(1))); c.linear(8, 8); x = c.last  # SiLU
c('Neg', c('Softplus', c('Neg', x))); c.linear(8, 8); x = c.last  # log-sigmoid
c('Max', x, c.f(0)); c.linear(8, 8); x = c.last  # ReLU
c('Sub', c('Relu', x), c('Mul', c.f(0.3), c('Relu', c('Neg', x)))); c.linear(8, 8); x = c.last  # leaky ReLU
c('Mul', c('Mul', c.f(0.5), x), c('Add', c('Tanh', c('Mul', c.f(0.7978845608), c('Add', x, c('Mul', c.f(0.044715), c('Mul', x, c('Mul', x, x)))))), c.f(1))); c.linear(8, 4)
c.save('decomposed', 13)

c = Chain(6)  # functions of a row in several forms
def deviation(): x = c.last; return c('Sub', x, c('ReduceMean', x, axes=[-1]))
d = deviation(); c('Div', d, c('Sqrt', c('Add', c('ReduceMean', c('Pow', d, c.f(2)), axes=[1]), c.f(1e-5)))); c('Mul', c.last, c.constant(normal(6))); c('Add', c.last, c.constant(normal(6))); c.linear(6, 8)
d = deviation(); c('Mul', d, c('Reciprocal', c('Sqrt', c('Add', c.f(1e-3), c('ReduceMean', c('Mul', d, d), axes=[-1]))))); c.linear(8, 8)
x = c.last; e = c('Exp', c('Sub', x, c('ReduceMax', x, axes=[-1]))); c('Div', e, c('Clip', c('ReduceMean', e, axes=[-1]), c.f(-1e9), c.f(1e9))); c('Div', c.last, c.f(8)); c.linear(8, 4)  # softmax
x = c.last; d = c('Sub', x, c('ReduceMax', x, axes=[-1])); a = c.constant(np.int64([-1])); c('Sub', d, c('Log', c('ReduceSum', c('Exp', d), a)))
c.save('rowwise', 15)

c = Chain(4, ['n', 1, 2, 2])  # what changes nothing, and scales that a linear layer takes over
c('Reshape', c.last, c.constant(np.int64([-1, 4]))); c('Sub', c.last, c.constant(normal(4))); c('Div', c.last, c.constant(np.abs(normal(4)) + .5))
c('Gemm', c.last, c.constant(normal(4, 8)), c.constant(normal(8)), alpha=.5, beta=2.); c('Identity'); c('Relu'); c('Mul', c.last, c.f(1.25))
w = c.constant(normal(3, 8)); t = 'turned'; c.nodes.append(h.make_node('Transpose', [w], [t], perm=[1, 0])); c('MatMul', c.last, t); c('Dropout'); c('Flatten')
c('Add', c('Constant', value=nh.from_array(normal(3))), 'v%d' % (len(c.nodes) - 2)); c('Sub', c.constant(normal(3)), c.last)
c.save('nothing', 13)

c = Chain(3)  # two outputs: a network with a head beside it
c.linear(3, 4); c('Relu'); body = c.last; c.linear(4, 2); first = c.last; c.last = body; c.linear(4, 1); second = c('Sigmoid')
c.save('heads', 17, [first, second])
