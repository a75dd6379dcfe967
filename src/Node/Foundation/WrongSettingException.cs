// A wrong setting that only shows when the node has read its data.
namespace RaftLocks.Node.Foundation;

/// <summary>A setting turns out to be wrong when the node has read its data; the message says which, and what to
/// do.</summary>
public sealed class WrongSettingException(string message) : Exception(message);
