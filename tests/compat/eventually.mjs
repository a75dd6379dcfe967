// Waiting for a condition, and measuring how long something took.

/** Looks until `look` gives something; what it gave is the result. */
export async function eventually(what, boundMs, look) {
  const deadline = performance.now() + boundMs;
  for (;;) {
    const found = await look();
    if (found) {
      return found;
    }

    if (performance.now() > deadline) {
      throw new Error(`not within ${boundMs} ms: ${what}`);
    }

    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The promise's result, or an error when it takes too long. */
export async function within(boundMs, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${boundMs} ms: ${what}`)), boundMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
