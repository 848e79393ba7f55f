#!/usr/bin/env python3
"""A real model behind the wire format of Ollama, for the integration tests.

This is a peer, not Ollama, and what it runs is the small model that it is given (in our tests Qwen2.5-Coder 0.5B), not
qwen3:14b. The model runs in llama.cpp (PyPI `xllamacpp`, pinned in requirements.txt). It shows that our requests are
understood, that a schema binds a real decoder and that overflow and truncation are seen; not how Ollama behaves beside it,
nor how good the production model's answers are.

Spoken, as Ollama's OpenAPI file says: GET /api/version, /api/tags, /api/ps; POST /api/show, /api/chat, /api/generate,
/api/embed. Like Ollama it streams unless told not to, cuts a prompt that is longer than num_ctx down to num_ctx without a
word unless `truncate` is false, lets num_ctx be no larger than the model's own context, and reads control tokens in a
message as control tokens. Not spoken: tools, images, thinking, pulling models; options other than num_ctx, num_predict,
temperature and seed are ignored. This build of llama.cpp turns a schema into a grammar by llguidance, where Ollama uses
llama.cpp's own converter; a schema that it does not understand binds nothing here, without an error.

    ollama_peer.py --model FILE.gguf [--name NAME] [--context TOKENS] [--threads N] [--port N]

Prints `ready http://127.0.0.1:PORT` when it can answer, and ends when its standard input does.
"""

import argparse
import hashlib
import json
import os
import queue
import sys
import threading
import time
import urllib.request
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import xllamacpp

VERSION = "0.0.0-peer"
# Ollama's num_keep: how many tokens of a prompt's start survive the cut.
KEEP = 4
# What the server below has beyond the context, so that it never has to cut or shift by itself.
SPARE = 64


class Refusal(Exception):
    """A reply other than 200, in Ollama's form."""

    def __init__(self, status, error):
        super().__init__(error)
        self.status = status


class Model:
    """One GGUF file, loaded."""

    def __init__(self, args):
        self.path, self.name, self.context, self.threads = args.model, args.name, args.context, args.threads
        with open(self.path, "rb") as file:
            self.digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.size = os.path.getsize(self.path)
        self.modified = datetime.fromtimestamp(os.path.getmtime(self.path), timezone.utc).isoformat()
        self.server = self.serve(self.context + SPARE)
        self.embedder = None
        self.one_at_a_time = threading.Lock()

    def serve(self, context, embedding=False):
        params = xllamacpp.CommonParams()
        params.model.path = self.path
        params.n_ctx = context
        params.n_parallel = 1
        params.n_threads_http = 2
        params.cpuparams.n_threads = self.threads
        params.cpuparams_batch.n_threads = self.threads
        params.cache_ram_mib = 0
        params.warmup = False
        if embedding:
            params.embedding = True
            params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
        return xllamacpp.Server(params)

    def inner(self, path, body):
        request = urllib.request.Request(
            self.server.listening_address + path, json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def known(self, name):
        if name not in (self.name, f"{self.name}:latest"):
            raise Refusal(404, f"model '{name}' not found")

    def row(self):
        return {
            "name": self.name,
            "model": self.name,
            "modified_at": self.modified,
            "size": self.size,
            "digest": self.digest,
            "details": self.details(),
        }

    def details(self):
        return {
            "parent_model": "",
            "format": "gguf",
            "family": "qwen2",
            "families": ["qwen2"],
            "parameter_size": "494M",
            "quantization_level": "Q4_K_M",
        }

    def tokens_of_chat(self, messages):
        known = [{"role": m["role"], "content": m["content"]} for m in messages]
        prompt = self.inner("/apply-template", {"messages": known})["prompt"]
        return self.tokens(prompt)

    def tokens(self, text):
        body = {"content": text, "add_special": True, "parse_special": True}
        return self.inner("/tokenize", body)["tokens"]

    def complete(self, tokens, request, on_text):
        """Generates, and gives the final figures; every piece of text goes to `on_text`."""
        options = request.get("options") or {}
        context = min(int(options.get("num_ctx") or 4096), self.context)
        if len(tokens) > context:
            if request.get("truncate") is False:
                raise Refusal(400, "the input length exceeds the context length")
            tokens = tokens[:KEEP] + tokens[KEEP + len(tokens) - context :]
        wanted = int(options.get("num_predict") or -1)
        room = context - len(tokens) if request.get("shift") is False else SPARE
        room = max(room, SPARE)
        body = {
            "prompt": tokens,
            "n_predict": min(wanted, room) if wanted > 0 else room,
            "temperature": options.get("temperature", 0.8),
            "seed": options.get("seed", 0),
            "cache_prompt": False,
            "stream": True,
        }
        schema = request.get("format")
        if schema == "json":
            body["json_schema"] = {"type": "object"}
        elif isinstance(schema, dict):
            body["json_schema"] = schema
        elif schema not in (None, ""):
            raise Refusal(400, 'invalid format: expected "json" or a JSON Schema object')
        began, last, pieces = time.monotonic_ns(), {}, queue.Queue()

        def take(chunk):
            pieces.put(chunk)
            return False

        def work():
            try:
                with self.one_at_a_time:
                    answer = self.server.handle_completions(body, take)
                    if isinstance(answer, dict) and "choices" not in answer:
                        pieces.put(answer)
            except Exception as fault:  # the grammar's faults come as exceptions
                pieces.put({"error": {"message": str(fault)}})
            pieces.put(None)

        threading.Thread(target=work, daemon=True).start()
        count = 0
        while (chunk := pieces.get()) is not None:
            for part in chunk if isinstance(chunk, list) else [chunk]:
                if "error" in part:
                    raise Refusal(400, part["error"].get("message", "the model failed"))
                for choice in part.get("choices", []):
                    on_text(choice.get("text") or "")
                    last["reason"] = choice.get("finish_reason") or last.get("reason")
                count = (part.get("usage") or {}).get("completion_tokens", count)
                count = (part.get("timings") or {}).get("predicted_n", count)
        spent = time.monotonic_ns() - began
        return {
            "done": True,
            "done_reason": last.get("reason") or "stop",
            "total_duration": spent,
            "load_duration": 0,
            "prompt_eval_count": len(tokens),
            "eval_count": count,
            "eval_duration": spent,
        }

    def embed(self, texts):
        with self.one_at_a_time:
            self.embedder = self.embedder or self.serve(2048, embedding=True)
            reply = self.embedder.handle_embeddings({"input": texts})
        if "error" in reply:
            raise Refusal(400, reply["error"].get("message", "the model failed"))
        return [row["embedding"] for row in reply["data"]], reply["usage"]["prompt_tokens"]


class Peer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        model = self.model
        if self.path == "/api/version":
            return self.reply(200, {"version": VERSION})
        if self.path == "/api/tags":
            return self.reply(200, {"models": [model.row()]})
        if self.path == "/api/ps":
            running = {"expires_at": model.modified, "size_vram": 0, "context_length": model.context}
            return self.reply(200, {"models": [model.row() | running]})
        return self.reply(404, {"error": "not found"})

    def do_POST(self):
        try:
            body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)))
            verb = {
                "/api/show": self.show,
                "/api/chat": self.chat,
                "/api/generate": self.generate,
                "/api/embed": self.embed,
            }.get(self.path)
            if verb is None:
                raise Refusal(404, "not found")
            self.model.known(body.get("model", ""))
            verb(body)
        except Refusal as refusal:
            self.reply(refusal.status, {"error": str(refusal)})
        except (ValueError, KeyError, TypeError) as fault:
            self.reply(400, {"error": f"{type(fault).__name__}: {fault}"})

    def show(self, _):
        info = {"general.architecture": "qwen2", "qwen2.context_length": self.model.context}
        capabilities = ["completion"]
        self.reply(200, {"details": self.model.details(), "model_info": info, "capabilities": capabilities})

    def chat(self, body):
        self.answer(body, self.model.tokens_of_chat(body["messages"]), lambda t: {"message": {"role": "assistant", "content": t}})

    def generate(self, body):
        raw, messages = body.get("raw"), []
        if body.get("system"):
            messages.append({"role": "system", "content": body["system"]})
        messages.append({"role": "user", "content": body["prompt"]})
        tokens = self.model.tokens(body["prompt"]) if raw else self.model.tokens_of_chat(messages)
        self.answer(body, tokens, lambda text: {"response": text})

    def answer(self, body, tokens, shape):
        if body.get("think"):
            raise Refusal(400, f'"{self.model.name}" does not support thinking')
        frame = {"model": self.model.name, "created_at": datetime.now(timezone.utc).isoformat()}
        pieces = []
        if body.get("stream") is False:
            figures = self.model.complete(tokens, body, pieces.append)
            return self.reply(200, frame | shape("".join(pieces)) | figures)

        # The head goes out with the first piece, so that a refusal before it still has its status.
        def send(text):
            if not pieces:
                self.send_response(200)
                self.send_header("content-type", "application/x-ndjson")
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
            pieces.append(text)
            self.chunk(frame | shape(text) | {"done": False})

        figures = self.model.complete(tokens, body, send)
        self.chunk(frame | shape("") | figures)
        self.wfile.write(b"0\r\n\r\n")

    def chunk(self, line):
        data = (json.dumps(line) + "\n").encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def embed(self, body):
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        vectors, count = self.model.embed(texts)
        self.reply(200, {"model": self.model.name, "embeddings": vectors, "prompt_eval_count": count})

    def reply(self, status, body):
        data = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--name", default="qwen2.5-coder:0.5b")
    parser.add_argument("--context", type=int, default=8192)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--port", type=int, default=0)
    args = parser.parse_args()
    Peer.model = Model(args)
    server = ThreadingHTTPServer(("127.0.0.1", args.port), Peer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"ready http://127.0.0.1:{server.server_port}", flush=True)
    # Whoever started us holds the other end: when it goes, however it goes, so do we.
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
