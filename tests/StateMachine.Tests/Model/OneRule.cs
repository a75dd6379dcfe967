// The dumb model: a list of live requests in id order and the one rule, asked for each pair. Quadratic and obviously
// right; it shares no code with the state machine.
using RaftLocks.StateMachine.State;

namespace RaftLocks.StateMachine.Tests.Model;

public sealed record ModelResource(bool IsWrite, params string[] Path)
{
    public bool Overlaps(ModelResource other) =>
        Path.Zip(other.Path).All(pair => string.Equals(pair.First, pair.Second, StringComparison.Ordinal));

    public override string ToString() => (IsWrite ? "w:" : "r:") + string.Join('/', Path);
}

public sealed record ModelRequest(
    string Namespace,
    ulong Id,
    int Session,
    ModelResource[] Resources,
    bool MayTimeOut = false
)
{
    public bool ConflictsWith(ModelRequest other) =>
        string.Equals(Namespace, other.Namespace, StringComparison.Ordinal)
        && Resources.Any(mine =>
            other.Resources.Any(theirs => (mine.IsWrite || theirs.IsWrite) && mine.Overlaps(theirs))
        );
}

public sealed class OneRule
{
    private readonly Dictionary<string, ulong> lastId = [];

    public List<ModelRequest> Live { get; } = [];

    public int Level { get; set; } = 1;

    /// <summary>Those that something was ever locked in.</summary>
    public IReadOnlyCollection<string> Namespaces => lastId.Keys;

    /// <summary>A live request is acquired exactly when no live request with a smaller id conflicts with it.</summary>
    public bool IsAcquired(ModelRequest request) =>
        !Live.Any(other => other.Id < request.Id && other.ConflictsWith(request));

    public List<ModelRequest> Acquired() => Live.Where(IsAcquired).ToList();

    public ModelRequest? Find(string space, int session) =>
        Live.Find(r => r.Namespace == space && r.Session == session);

    public ModelRequest? Find(string space, ulong id) => Live.Find(r => r.Namespace == space && r.Id == id);

    public ulong LastId(string space) => lastId.GetValueOrDefault(space);

    public ModelRequest Lock(string space, int session, ModelResource[] resources, bool mayTimeOut = false)
    {
        var request = new ModelRequest(space, LastId(space) + 1, session, resources, mayTimeOut);
        lastId[space] = request.Id;
        Live.Add(request);
        return request;
    }

    public bool WouldWait(string space, ModelResource[] resources)
    {
        var request = new ModelRequest(space, ulong.MaxValue, -1, resources);
        return Live.Any(request.ConflictsWith);
    }

    /// <summary>Takes a request out; what it set free, in id order.</summary>
    public List<ModelRequest> Remove(ModelRequest request)
    {
        var before = Acquired();
        Live.Remove(request);
        return Acquired().Except(before).OrderBy(r => r.Id).ToList();
    }

    /// <summary>Turns a request's writes into reads; what that set free, in id order.</summary>
    public List<ModelRequest> Downgrade(ModelRequest request)
    {
        var before = Acquired();
        Live[Live.IndexOf(request)] = request with
        {
            Resources = [.. request.Resources.Select(r => new ModelResource(IsWrite: false, r.Path))],
        };
        return Acquired().ExceptBy(before.Select(Key), Key).OrderBy(r => r.Id).ToList();

        static (string, ulong) Key(ModelRequest one) => (one.Namespace, one.Id);
    }
}
