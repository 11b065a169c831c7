"""The server of a backend: answers requests on the clients' own connections. Usage: PATH NAME"""
import os, select, socket, struct, sys

path, name = sys.argv[1:]
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen()
print("ready", flush=True)
agent, _ = listener.accept()
held, descriptors = b"", []
while True:
    octets, got, _, _ = socket.recv_fds(agent, 65536, 16)
    if not octets:
        break
    held += octets
    descriptors += got
    while len(held) >= 8 and len(held) >= 8 + struct.unpack(">II", held[:8])[1]:
        number, length = struct.unpack(">II", held[:8])
        request, held = held[8 : 8 + length], held[8 + length :]
        target = request.split(b" ")[1].decode()
        size = int(target.split("/")[2])
        mark = f"{name} {target}\n"
        body = (mark * (size // len(mark) + 1))[:size]
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\nX-Backend: {name}\r\n\r\n"
        fd = descriptors.pop(0)
        rest = (head + body).encode()
        while rest:
            select.select([], [fd], [])
            rest = rest[os.write(fd, rest) :]
        os.close(fd)
        agent.send(struct.pack(">IB", number, 0))
