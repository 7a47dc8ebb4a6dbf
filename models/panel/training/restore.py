"""Reads the parameters of the shipped graphs back into build/, for training on from them.

Usage: restore.py. A graph holds every parameter in single precision, some transposed and under other
names. The same module is exported again with random parameters: the constant that equals a parameter
there is that parameter here. Only the place of a cell is a sum of two or three parameters, taken
apart again; the sums stay the same. The heads of phase 1 are not shipped.
"""

import pathlib
import tempfile

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from . import data
from . import model as m
from .export import ENCODERS, FOLDER, Parts, graphs
from .pretrain_media import FILES
from .train_media import save


def constants(path):
    """{name: array} of a graph's constants of single precision."""
    graph = onnx.load(str(path)).graph
    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            found[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    return {name: array for name, array in found.items() if array.dtype == np.float32}


def read(module, shipped, blank):
    """Fills a module's parameters from a shipped graph; returns the names of those not found.

    `blank` holds the constants of the module's own export, as it is now.
    """
    missing = []
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            array = parameter.numpy()
            for constant, values in blank.items():
                if values.size != array.size:
                    continue
                if np.array_equal(values.ravel(), array.ravel()):
                    parameter.copy_(torch.from_numpy(shipped[constant].reshape(array.shape).copy()))
                    break
                if array.ndim == 2 and np.array_equal(values.T.ravel(), array.ravel()):
                    parameter.copy_(torch.from_numpy(shipped[constant].T.copy()))
                    break
            else:
                missing.append(name)
    return missing


def places(projector, shipped, blank):
    """Takes the table of a picture's or clip's places apart into row and column."""
    before = projector.where().detach().numpy()
    (name,) = [name for name, values in blank.items() if np.array_equal(values.ravel(), before.ravel())]
    grid = torch.from_numpy(shipped[name].reshape(m.CELLS, m.CELLS, m.HIDDEN).copy())
    with torch.no_grad():
        for name, parameter in projector.named_parameters():
            if name == "mark":
                parameter.zero_()
        projector.row.copy_(grid.mean(1, keepdim=True))
        projector.column.copy_((grid - grid.mean(1, keepdim=True)).mean(0, keepdim=True))


def main():
    """Writes what training saves: vision.pt, audio.pt, video.pt and decoder.pt."""
    torch.manual_seed(2)
    data.WORK.mkdir(exist_ok=True)
    parts, onnx_folder = Parts(), FOLDER / "onnx"
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        folder = pathlib.Path(folder)
        for parameter in parts.parameters():
            parameter.normal_()  # No two alike, as ones and zeros would be.
        graphs(folder, parts)
        blank = {path.stem: constants(path) for path in folder.glob("*.onnx")}
    for modality, (name, *_) in ENCODERS.items():
        shipped = constants(onnx_folder / f"{name}.onnx")
        if modality != "audio":
            places(parts.projectors[modality], shipped, blank[name])
        missing = read(parts.encoders[modality], shipped, blank[name])
        missing += read(parts.projectors[modality], shipped, blank[name])
        assert set(missing) <= {"row", "column", "mark"}, missing
    shipped = constants(onnx_folder / "decoder_model_merged.onnx")
    missing = read(parts.decoder, shipped, blank["decoder_model_merged"])
    assert not missing, missing
    torch.save({"vision": parts.encoders["image"].state_dict()}, data.WORK / "vision.pt")
    for modality, what in (("audio", "sounds"), ("video", "clips")):
        torch.save({"encoder": parts.encoders[modality].state_dict()}, data.WORK / FILES[what])
    save(parts, data.WORK / "decoder.pt")


if __name__ == "__main__":
    main()
