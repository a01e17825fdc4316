"""Machine code: text in LLVM's language becomes functions of this process.

Owns llvmlite.  Must not know what a function computes.
"""

import threading

import llvmlite.binding as llvm

__all__ = ["compiled"]

_LOCK = threading.Lock()
_KEPT: list = []  # code lives as long as its compiler


def compiled(text: str, names: list[str], *, speed: int = 2) -> list[int]:
    """Addresses of the functions of these names in a text, for this machine.

    ``speed`` is that of the code: 2 for text that LLVM is to improve, 1 for text that is as it should
    be, 0 where compiling takes longer than the code will run.
    """
    with _LOCK:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        machine = llvm.Target.from_default_triple().create_target_machine(
            cpu=llvm.get_host_cpu_name(),
            features=llvm.get_host_cpu_features().flatten(),
            opt=speed,
            jit=True,
        )
        module = llvm.parse_assembly(text)
        if speed > 1:
            options = llvm.create_pipeline_tuning_options(speed_level=speed)
            options.loop_vectorization = options.slp_vectorization = True
            passes = llvm.create_pass_builder(machine, options)
            passes.getModulePassManager().run(module, passes)
        compiler = llvm.create_mcjit_compiler(module, machine)
        compiler.finalize_object()
        _KEPT.append(compiler)
        return [compiler.get_function_address(name) for name in names]
