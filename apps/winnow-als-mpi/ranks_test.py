"""ALS over MPI ends in the same bytes on 1, 2 and 4 processes.

usage: ranks_test.py WINNOW_ALS_MPI MPIEXEC
"""

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

program, mpiexec = sys.argv[1:3]
environment = os.environ | {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                            "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_btl_vader_single_copy_mechanism": "none"}
with tempfile.TemporaryDirectory() as temporary:
    folder = Path(temporary)
    chance = random.Random(5)
    taste = {user: [item for item in range(60) if item % 3 == user % 3] for user in range(90)}
    lines = {user: chance.sample(items, 9) for user, items in taste.items()}
    (folder / "train.txt").write_text("".join(f"{user} {' '.join(map(str, row[:7]))}\n" for user, row in lines.items()))
    (folder / "test.txt").write_text("".join(f"{user} {' '.join(map(str, row[7:]))}\n" for user, row in lines.items()))
    models = {}
    for ranks in (1, 2, 4):
        model = folder / f"model{ranks}"
        subprocess.run([mpiexec, "-n", str(ranks), program, folder, model, "16", "4"], check=True, env=environment, timeout=120)
        models[ranks] = model.read_bytes()
    for ranks, content in models.items():
        assert content == models[1], f"the model of {ranks} processes is another than that of one"
print("the same bytes on 1, 2 and 4 processes")
