"""Rewrites an exported decoder so that a step copies no cache.

The graph that transformers and its kin export gives back the whole cache with one token more: every step
copies it inside of the graph, and once more on its way out. `decoder` makes one that gives only what is
new, `new_key_values.i.key|value` [B, kv heads, S, head size]; whoever runs it keeps the cache and writes
them behind it. Attention to the past and to the new tokens are separate products under one softmax.

Where ONNX Runtime has an operator of its own it is used: com.microsoft RotaryEmbedding, FusedMatMul and
SkipSimplifiedLayerNormalization. Inputs are those of the export; `logits` are the newest token's.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

DOMAIN = "com.microsoft"
PARTS = ("key", "value")
MASKED = -1e9  # Added to the score of a key that must not be seen.


def decoder(source, target, theta=10000.0, context=1024, epsilon=1e-5):
    """Writes `target`: the decoder in the file `source`, giving only the new keys and values.

    `source` is what torch.onnx.export makes of a Llama-like decoder: a layer's query, key and value are
    MatMuls of one input with a constant, `present.i.key` is made of `past_key_values.i.key` and the new
    key, a norm ends with a Mul by a constant of one dimension. Layers without a `present` stay as they are.
    """
    document = onnx.load(str(source))
    graph = _Graph(document.graph)
    tables = _rotary(graph, theta, context)
    _shapes(graph)
    for layer in graph.layers:
        _attention(graph, layer, tables)
    _last_token(graph)
    _norms(graph, epsilon)
    graph.finish()
    document.opset_import.append(helper.make_opsetid(DOMAIN, 1))
    onnx.checker.check_model(document)
    onnx.save(document, str(target))


def new_name(layer, part):
    """Name of the output with a layer's new keys or values."""
    return f"new_key_values.{layer}.{part}"


class _Graph:
    """A graph with its nodes by what they make and by what they use."""

    def __init__(self, graph):
        self.graph = graph
        self.constants = {tensor.name: tensor for tensor in graph.initializer}
        self.inputs = {value.name: value for value in graph.input}
        self.makers = {name: node for node in graph.node for name in node.output}
        presents = [value.name.split(".") for value in graph.output if value.name.startswith("present.")]
        self.layers = sorted({int(layer) for _, layer, _ in presents})

    def array(self, name):
        """A constant's numbers."""
        return numpy_helper.to_array(self.constants[name])

    def constant(self, name, array):
        """Adds a constant."""
        self.constants[name] = numpy_helper.from_array(array, name)
        self.graph.initializer.append(self.constants[name])
        return name

    def cache_shape(self):
        """Heads and head size of the cache."""
        name = f"past_key_values.{self.layers[0]}.key"
        shape = self.inputs[name].type.tensor_type.shape.dim
        return shape[1].dim_value, shape[3].dim_value

    def add(self, kind, inputs, outputs, **attributes):
        """Adds a node; it takes the place of the maker of its outputs."""
        node = helper.make_node(kind, inputs, outputs, **attributes)
        self.makers.update({name: node for name in outputs if name})
        return outputs[0]

    def users(self, name):
        """Nodes that still take part and use a value."""
        return [node for node in self.living() if name in node.input]

    def living(self):
        """Nodes that the outputs need, each behind those that it needs."""
        order, seen = [], set()

        def visit(name):
            node = self.makers.get(name)
            if node is None or id(node) in seen:
                return
            seen.add(id(node))
            for each in node.input:
                visit(each)
            order.append(node)

        for value in self.graph.output:
            visit(value.name)
        return order

    def product_before(self, name):
        """The nearest MatMul by a constant that a value is made with."""
        waiting = [name]
        while waiting:
            node = self.makers.get(waiting.pop(0))
            if node is None:
                continue
            if node.op_type == "MatMul" and node.input[1] in self.constants:
                return node
            waiting += node.input
        raise ValueError(f"no MatMul by a constant before {name}")

    def product_behind(self, name):
        """The nearest MatMul by a constant that uses a value, directly or not."""
        waiting = [name]
        while waiting:
            for node in self.users(waiting.pop(0)):
                if node.op_type == "MatMul" and node.input[1] in self.constants:
                    return node
                waiting += node.output
        raise ValueError(f"no MatMul by a constant behind {name}")

    def finish(self):
        """Gives the new keys and values in place of the whole cache, and keeps what that needs."""
        heads, size = self.cache_shape()
        shape = ["batch_size", heads, "sequence_length", size]
        outputs = [value for value in self.graph.output if not value.name.startswith("present.")]
        outputs += [
            helper.make_tensor_value_info(new_name(layer, part), TensorProto.FLOAT, shape)
            for layer in self.layers
            for part in PARTS
        ]
        _replace(self.graph.output, outputs)
        nodes = self.living()
        used = {name for node in nodes for name in node.input}
        _replace(self.graph.node, nodes)
        _replace(self.graph.initializer, [self.constants[name] for name in self.constants if name in used])
        _replace(self.graph.value_info, [])


def _replace(field, values):
    del field[:]
    field.extend(values)


def _rotary(graph, theta, context):
    """Cosines and sines [context, head size / 2]."""
    size = graph.cache_shape()[1]
    angles = np.outer(np.arange(context), theta ** (-np.arange(0, size, 2) / size))
    return [
        graph.constant("cos_cache", np.cos(angles).astype(np.float32)),
        graph.constant("sin_cache", np.sin(angles).astype(np.float32)),
    ]


def _shapes(graph):
    """Sizes that the layers share, and the bias [B, 1, 1, S, P + S]: 0 where a token may look, else MASKED."""
    numbers = {"zero": 0, "one": 1, "two": 2, "three": 3}
    for name, number in numbers.items():
        graph.constant(name, np.array([number]))
        graph.constant(name + ".scalar", np.array(number))
    graph.constant("masked", np.array(MASKED, np.float32))
    graph.constant("unmasked", np.array(0, np.float32))
    graph.constant("mask_axes", np.array([1, 2, 3]))
    graph.add("Shape", ["attention_mask"], ["mask_shape"])
    graph.add("Shape", ["inputs_embeds"], ["embeds_shape"])
    graph.add("Gather", ["mask_shape", "one.scalar"], ["total.scalar"], axis=0)
    graph.add("Gather", ["embeds_shape", "one.scalar"], ["new.scalar"], axis=0)
    graph.add("Sub", ["total.scalar", "new.scalar"], ["past.scalar"])
    for name in ("total", "new", "past"):
        graph.add("Unsqueeze", [name + ".scalar", "zero"], [name])
    graph.add("Concat", ["past", "new"], ["past_and_new"], axis=0)
    graph.add("Range", ["zero.scalar", "total.scalar", "one.scalar"], ["keys"])
    graph.add("Range", ["past.scalar", "total.scalar", "one.scalar"], ["queries"])
    graph.add("Unsqueeze", ["queries", "one"], ["query_rows"])
    graph.add("LessOrEqual", ["keys", "query_rows"], ["causal"])
    graph.add("Cast", ["attention_mask"], ["mask_bits"], to=TensorProto.BOOL)
    graph.add("Unsqueeze", ["mask_bits", "mask_axes"], ["mask_rows"])
    graph.add("And", ["mask_rows", "causal"], ["seen"])
    graph.add("Where", ["seen", "unmasked", "masked"], ["bias"])


def _attention(graph, layer, tables):
    """One layer's attention; query, key and value become one product, and what is new an output."""
    kv_heads, size = graph.cache_shape()
    present = [f"present.{layer}.{part}" for part in PARTS]
    key, value = (graph.product_before(name) for name in present)
    siblings = [node for node in graph.users(key.input[0]) if node.op_type == "MatMul"]
    (query,) = [node for node in siblings if node not in (key, value)]
    out = graph.product_behind(present[1])
    at = f"/layers.{layer}/"
    heads = graph.array(query.input[1]).shape[1] // size
    share = heads // kv_heads

    def shape(name, *sizes):
        return graph.constant(at + name, np.array(sizes))

    weights = [graph.array(node.input[1]) for node in (query, key, value)]
    graph.constant(at + "qkv.weight", np.concatenate(weights, axis=1))
    graph.add("MatMul", [key.input[0], at + "qkv.weight"], [at + "qkv"])
    widths = shape("widths", *(array.shape[1] for array in weights))
    graph.add("Split", [at + "qkv", widths], [at + "q", at + "k", at + "value"], axis=-1)
    for name, count, result in (("q", heads, "query"), ("k", kv_heads, "key")):
        given = [at + name, "position_ids", *tables]
        graph.add("RotaryEmbedding", given, [at + result], domain=DOMAIN, num_heads=count)
    for part in PARTS:
        rows = shape(part + ".heads", 0, 0, kv_heads, size)
        graph.add("Reshape", [at + part, rows], [at + part + ".rows"])
        graph.add("Transpose", [at + part + ".rows"], [new_name(layer, part)], perm=[0, 2, 1, 3])

    # Query heads that share a key: [B, kv heads, share * S, head size].
    graph.add("Reshape", [at + "query", shape("q5", 0, 0, kv_heads, share, size)], [at + "query5"])
    graph.add("Transpose", [at + "query5"], [at + "query5t"], perm=[0, 2, 3, 1, 4])
    graph.add("Reshape", [at + "query5t", shape("q4", 0, kv_heads, -1, size)], [at + "query4"])
    past_key, past_value = (f"past_key_values.{layer}.{part}" for part in PARTS)
    scaled = {"domain": DOMAIN, "transB": 1, "alpha": float(size**-0.5)}
    graph.add("FusedMatMul", [at + "query4", past_key], [at + "scores.past"], **scaled)
    graph.add("FusedMatMul", [at + "query4", new_name(layer, "key")], [at + "scores.new"], **scaled)
    graph.add("Concat", [at + "scores.past", at + "scores.new"], [at + "scores"], axis=3)
    graph.add("Concat", [shape("s5", 0, kv_heads, share, -1), "total"], [at + "shape5"], axis=0)
    graph.add("Concat", [shape("s4", 0, kv_heads, -1), "total"], [at + "shape4"], axis=0)
    graph.add("Reshape", [at + "scores", at + "shape5"], [at + "scores5"])
    graph.add("Add", [at + "scores5", "bias"], [at + "scores5b"])
    graph.add("Softmax", [at + "scores5b"], [at + "weights5"], axis=-1)
    graph.add("Reshape", [at + "weights5", at + "shape4"], [at + "weights"])
    halves = [at + "weights.past", at + "weights.new"]
    graph.add("Split", [at + "weights", "past_and_new"], halves, axis=3)
    graph.add("MatMul", [halves[0], past_value], [at + "mixed.past"])
    graph.add("MatMul", [halves[1], new_name(layer, "value")], [at + "mixed.new"])
    graph.add("Add", [at + "mixed.past", at + "mixed.new"], [at + "mixed4"])
    graph.add("Reshape", [at + "mixed4", shape("m5", 0, kv_heads, share, -1, size)], [at + "mixed5"])
    graph.add("Transpose", [at + "mixed5"], [at + "mixed5t"], perm=[0, 3, 1, 2, 4])
    joined = graph.add("Reshape", [at + "mixed5t", shape("m3", 0, 0, heads * size)], [at + "mixed"])
    out.input[0] = joined


def _last_token(graph):
    """Logits of the newest token alone: the others are nobody's."""
    product = graph.makers["logits"]
    graph.constant("newest", np.array([-1]))
    graph.constant("behind", np.array([np.iinfo(np.int64).max]))
    given = [product.input[0], "newest", "behind", "one"]
    product.input[0] = graph.add("Slice", given, ["hidden.newest"])


def _norms(graph, epsilon):
    """Norms, each with the sum before it; one that has none is spelled as the runtime's fusion knows it."""
    for end in [node for node in graph.living() if _is_norm(graph, node)]:
        (weight,) = [name for name in end.input if name in graph.constants]
        (scaled,) = [name for name in end.input if name not in graph.constants]
        (squared,) = [n for n in graph.living() if n.op_type == "Mul" and _squares(n, graph.makers[scaled])]
        given, result = squared.input[0], end.output[0]
        total = graph.makers.get(given)
        if total is not None and total.op_type == "Add":
            graph.add(
                "SkipSimplifiedLayerNormalization",
                [*total.input, weight],
                [result, "", "", given],
                domain=DOMAIN,
                epsilon=epsilon,
            )
        else:
            _plain_norm(graph, given, weight, result, epsilon)


def _is_norm(graph, node):
    sizes = [len(graph.constants[name].dims) for name in node.input if name in graph.constants]
    return node.op_type == "Mul" and sizes == [1]


def _squares(node, scaled):
    """Whether a Mul is the square of what another Mul scales."""
    return node.input[0] == node.input[1] and node.input[0] in scaled.input


def _plain_norm(graph, given, weight, result, epsilon):
    two = graph.constant("two", np.array(2, np.float32))
    small = graph.constant("epsilon", np.array(epsilon, np.float32))
    graph.add("Pow", [given, two], [result + ".square"])
    graph.add("ReduceMean", [result + ".square"], [result + ".mean"], axes=[-1], keepdims=1)
    graph.add("Add", [result + ".mean", small], [result + ".sum"])
    graph.add("Sqrt", [result + ".sum"], [result + ".root"])
    graph.add("Div", [given, result + ".root"], [result + ".unit"])
    graph.add("Mul", [result + ".unit", weight], [result])
