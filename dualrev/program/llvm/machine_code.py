"""Machine code: text in LLVM's language becomes functions of this process.

Owns llvmlite.  Must not know what a function computes.
"""

import functools
import itertools
import threading

import llvmlite.binding as llvm

__all__ = ["compiled"]

_LOCK = threading.Lock()
_number = itertools.count().__next__


def compiled(text: str, names: list[str], *, speed: int = 2) -> list[int]:
    """Addresses of the functions of these names in a text, for this machine.

    ``speed`` is that of the code: 2 for text that LLVM is to improve, 1 for text that is as it should
    be, 0 where compiling takes longer than the code will run.
    """
    with _LOCK:
        compiler = _compiler(speed)
        module = llvm.parse_assembly(text)
        if speed > 1:
            options = llvm.create_pipeline_tuning_options(speed_level=speed)
            options.loop_vectorization = options.slp_vectorization = True
            passes = llvm.create_pass_builder(_machine(speed), options)
            passes.getModulePassManager().run(module, passes)
        # A compiler looks for names in all texts that it has.
        unique = [f"{name}.{_number()}" for name in names]
        for name, other in zip(names, unique):
            module.get_function(name).name = other
        compiler.add_module(module)
        compiler.finalize_object()
        addresses = [compiler.get_function_address(name) for name in unique]
        compiler.remove_module(module)  # the text, not its code
        return addresses


@functools.cache
def _compiler(speed):
    """One for all texts, whose code lives as long: one for each takes 750 kB a text for 15, and 1 ms."""
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine(speed))


@functools.cache
def _machine(speed):
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=speed,
        jit=True,
    )
