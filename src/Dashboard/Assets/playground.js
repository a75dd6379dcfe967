// The simulated clients: real WebSockets of this browser. What they say and hear is told to the page.
const sockets = new Map();

export function connect(page, client, query) {
  close(client);
  const address = new URL('v1', document.baseURI);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  address.search = query;
  const socket = new WebSocket(address);
  sockets.set(client, socket);
  const tell = (what, text) => sockets.get(client) === socket && page.invokeMethodAsync('OnWire', client, what, text);
  socket.onopen = () => tell('open', '');
  socket.onmessage = event => tell('in', String(event.data));
  socket.onclose = event => {
    tell('closed', `${event.code} ${event.reason}`.trim());
    if (sockets.get(client) === socket) {
      sockets.delete(client);
    }
  };
}

export function send(client, text) {
  const socket = sockets.get(client);
  if (socket?.readyState !== WebSocket.OPEN) {
    return false;
  }
  socket.send(text);
  return true;
}

export function close(client) {
  sockets.get(client)?.close(1000);
}

export function closeAll() {
  for (const socket of sockets.values()) {
    socket.close(1000);
  }
  sockets.clear();
}
