// Starts the page's connection. When the node is away it tries again until the node is back, and then loads the page anew if the node has
// forgotten it.
(() => {
  const lost = document.getElementById('components-reconnect-modal');
  let trying = false;
  const mustLogIn = async () => (await fetch(document.baseURI, { cache: 'no-store' })).status === 401;
  const retry = async () => {
    if (trying) {
      return;
    }
    trying = true;
    lost.classList.add('shown');
    for (;;) {
      await new Promise(done => setTimeout(done, 1000));
      try {
        if (!(await fetch('assets/icon.svg', { cache: 'no-store' })).ok) {
          continue;
        }
        if (await mustLogIn()) {
          location.reload();
          return;
        }
        if (await Blazor.reconnect()) {
          trying = false;
          lost.classList.remove('shown');
          return;
        }
        location.reload();
        return;
      } catch {
        // Still away.
      }
    }
  };
  Blazor.start({
    circuit: {
      reconnectionHandler: {
        onConnectionDown: () => void retry(),
        onConnectionUp: () => lost.classList.remove('shown'),
      },
    },
  }).catch(() => {
    lost.textContent = 'The node has too many open dashboards, or does not answer. Trying again…';
    lost.classList.add('shown');
    setTimeout(() => location.reload(), 3000);
  });
})();
