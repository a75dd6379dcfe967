// What a checker found: which promise was broken, and by which requests.
namespace RaftLocks.Chaos.Checkers;

/// <summary>A broken promise.</summary>
/// <param name="Promise">The promise that is broken.</param>
/// <param name="Evidence">What shows it.</param>
public sealed record Violation(string Promise, string Evidence);
