"""Dynamic int8 quantisation of an ONNX graph, by rewriting it.

Every MatMul with a constant matrix becomes DynamicQuantizeLinear (activations, uint8, per tensor),
MatMulInteger (weights, int8, symmetric, per column), Cast and Mul.
"""

import numpy as np
import onnx
from onnx import helper, numpy_helper


def _weights(matrix):
    scale = np.maximum(np.abs(matrix).max(axis=0), 1e-8) / 127
    return np.round(matrix / scale).astype(np.int8), scale.astype(np.float32)


def matmuls(source, target):
    """Writes `target`, `source` with int8 matrix products."""
    document = onnx.load(str(source))
    graph = document.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    quantised, nodes = {}, []
    for node in graph.node:
        weight = constants.get(node.input[1]) if node.op_type == "MatMul" else None
        if weight is None or len(weight.dims) != 2:
            nodes.append(node)
            continue
        nodes += _integer_matmul(node, weight, quantised, graph)
    del graph.node[:]
    graph.node.extend(nodes)
    _drop_unused(graph)
    onnx.checker.check_model(document)
    onnx.save(document, str(target))


def _integer_matmul(node, weight, quantised, graph):
    activation, name, result = node.input[0], weight.name, node.output[0]
    made = []
    if name not in quantised:
        matrix, scale = _weights(numpy_helper.to_array(weight))
        graph.initializer.append(numpy_helper.from_array(matrix, name + ".int8"))
        graph.initializer.append(numpy_helper.from_array(scale, name + ".scale"))
        quantised[name] = True
    if activation not in quantised:
        outputs = [activation + suffix for suffix in (".q", ".q_scale", ".q_zero")]
        made.append(helper.make_node("DynamicQuantizeLinear", [activation], outputs))
        quantised[activation] = True
    scale = result + ".scale"
    made += [
        helper.make_node("Mul", [activation + ".q_scale", name + ".scale"], [scale]),
        helper.make_node(
            "MatMulInteger", [activation + ".q", name + ".int8", activation + ".q_zero"], [result + ".i32"]
        ),
        helper.make_node("Cast", [result + ".i32"], [result + ".f32"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Mul", [result + ".f32", scale], [result]),
    ]
    return made


def embeddings(source, target):
    """Writes `target`, `source` with its one table of embeddings in int8, a scale per row."""
    document = onnx.load(str(source))
    graph = document.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    (gather,) = [node for node in graph.node if node.op_type == "Gather"]
    table, scale = _weights(numpy_helper.to_array(constants[gather.input[0]]).T)
    graph.initializer.append(numpy_helper.from_array(table.T.copy(), "table.int8"))
    graph.initializer.append(numpy_helper.from_array(scale[:, None], "table.scale"))
    ids, result = gather.input[1], gather.output[0]
    nodes = [
        helper.make_node("Gather", ["table.int8", ids], ["rows.int8"]),
        helper.make_node("Cast", ["rows.int8"], ["rows.f32"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Gather", ["table.scale", ids], ["rows.scale"]),
        helper.make_node("Mul", ["rows.f32", "rows.scale"], [result]),
    ]
    kept = [node for node in graph.node if node is not gather]
    del graph.node[:]
    graph.node.extend(nodes + kept)
    _drop_unused(graph)
    onnx.checker.check_model(document)
    onnx.save(document, str(target))


def _drop_unused(graph):
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
