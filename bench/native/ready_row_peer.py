"""What a Python user would put in front of a model: FastAPI on uvicorn (uvloop, httptools), orjson, one row to Booster.predict.

Usage: ready_row_peer.py MODEL_FILE

It is helped where it can be: no pydantic, no check of the body, one thread, values by position. Takes both bodies of ready-row.ts:
`{"rows": [[…]]}`, and the one that barcast takes, whose names it ignores. Writes "listening on http://…".
"""
import os
import socket
import sys

os.environ["OMP_NUM_THREADS"] = "1"

import lightgbm as lgb
import numpy as np
import orjson
import uvicorn
from fastapi import FastAPI, Request, Response

booster = lgb.Booster(model_file=sys.argv[1])
app = FastAPI()


@app.post("/predict")
async def predict(request: Request):
    body = orjson.loads(await request.body())
    rows = np.array(body["rows"] if "rows" in body else body["features"]["rows"], dtype=np.float64)
    return Response(orjson.dumps({"y_pred": booster.predict(rows, num_threads=1).tolist()}), media_type="application/json")


if __name__ == "__main__":
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    server = uvicorn.Server(uvicorn.Config(app, loop="uvloop", http="httptools", log_level="warning", access_log=False))
    server.run(sockets=[listener])
