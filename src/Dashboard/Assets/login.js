// Sends a token to the node, and logs out. The token goes into the body of one request, never into an address.
(() => {
  const post = (path, body) =>
    fetch(path, {
      method: 'POST',
      cache: 'no-store',
      headers: { RequestVerificationToken: document.querySelector('meta[name=antiforgery]').content },
      body,
    });

  document.getElementById('login')?.addEventListener('submit', async event => {
    event.preventDefault();
    const token = document.getElementById('token');
    const problem = document.getElementById('problem');
    const button = event.target.querySelector('button');
    problem.textContent = '';
    button.disabled = true;
    try {
      const answer = await post('login', token.value.trim());
      if (answer.ok || answer.status === 409) {
        location.reload();
        return;
      }
      problem.textContent = await answer.text();
    } catch {
      problem.textContent = 'The node does not answer: try again.';
    }
    button.disabled = false;
    token.select();
  });

  document.addEventListener('click', async event => {
    if (!event.target.closest?.('[data-logout]')) {
      return;
    }
    try {
      await post('logout');
    } finally {
      location.assign(document.baseURI);
    }
  });
})();
