// What a checker found: which promise was broken, and by which requests.
namespace RaftLocks.Chaos.Checkers;

/// <summary>A broken promise.</summary>
/// <param name="Promise">Which.</param>
/// <param name="Evidence">How it shows.</param>
public sealed record Violation(string Promise, string Evidence);
