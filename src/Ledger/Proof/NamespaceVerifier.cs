// One namespace: plays its events again and compares each with the one rule. A live request is acquired exactly when no
// live request with a smaller id conflicts with it.
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Ledger.Proof;

internal sealed class NamespaceVerifier(byte[] name)
{
    private readonly Dictionary<ulong, ProofRequest> requests = [];
    private readonly List<ProofRequest> woken = [];
    private PathNode root = new(parent: null, []);

    public byte[] Name { get; } = name;

    public ulong LastId { get; set; }

    public int Count => requests.Count;

    public IEnumerable<ProofRequest> Requests => requests.Values;

    public ProofRequest? Find(ulong id) => requests.GetValueOrDefault(id);

    /// <summary>Adds a request; returns the older one that it must wait for, or null.</summary>
    public ProofRequest? Begin(ProofRequest request)
    {
        requests.Add(request.Id, request);
        LastId = request.Id;
        Place(request);
        request.Blockers = BlockersOf(request);
        return FindBlocker(request);
    }

    /// <summary>Lets a request wait; it is reported when nothing blocks it any more.</summary>
    public static void Wait(ProofRequest request) => request.Blockers[request.NextBlocker].Watch(request);

    /// <summary>A request is acquired.</summary>
    public static void Grant(ProofRequest request, long clockMs)
    {
        request.AcquiredAtMs = clockMs;
        request.Blockers = [];
    }

    /// <summary>A request ends; adds those that must be acquired because of it, in id order.</summary>
    public void End(ProofRequest request, List<ProofRequest> due)
    {
        requests.Remove(request.Id);
        request.Watches?.Unwatch(request);
        Leave(request);
        WakeUp(due);
    }

    /// <summary>
    /// A holder's writes become reads; adds those that must be acquired because of it, in id order. False if it has no
    /// writes.
    /// </summary>
    public bool Downgrade(ProofRequest request, List<ProofRequest> due)
    {
        if (LockBody.WithReadsOnly(request.Body) is not { } reads)
        {
            return false;
        }

        request.Body = reads;
        var before = request.Places.ToArray();
        request.Places.RemoveAll(static place => place.Part is Part.WritesHere or Part.WritesBeneath);
        Place(request);
        foreach (var (node, part) in before)
        {
            if (part is Part.WritesHere or Part.WritesBeneath)
            {
                node[part].Remove(request.Id, woken);
                node.Members--;
            }
        }

        WakeUp(due);
        return true;
    }

    /// <summary>The older request in the set that blocks this one now, or null.</summary>
    public ProofRequest? FindBlocker(ProofRequest request)
    {
        for (; request.NextBlocker < request.Blockers.Length; request.NextBlocker++)
        {
            if (request.Blockers[request.NextBlocker].Min is var older && older < request.Id)
            {
                return requests[older];
            }
        }

        return null;
    }

    private void WakeUp(List<ProofRequest> due)
    {
        foreach (var request in woken)
        {
            if (FindBlocker(request) is null)
            {
                due.Add(request);
            }
            else
            {
                Wait(request);
            }
        }

        woken.Clear();
        due.Sort(static (a, b) => a.Id.CompareTo(b.Id));
    }

    private void Place(ProofRequest request)
    {
        var resources = new ResourceSet.Enumerator(request.Resources);
        while (resources.MoveNext())
        {
            var resource = resources.Current;
            var reads = resource.Access == Access.Read;
            var node = root;
            foreach (var segment in resource)
            {
                Enter(request, node, reads ? Part.ReadsBeneath : Part.WritesBeneath);
                node = node.Child(segment);
            }

            Enter(request, node, reads ? Part.ReadsHere : Part.WritesHere);
        }
    }

    private static void Enter(ProofRequest request, PathNode node, Part part)
    {
        if (node[part].Add(request.Id))
        {
            node.Members++;
            request.Places.Add((node, part));
        }
    }

    private void Leave(ProofRequest request)
    {
        foreach (var (node, part) in request.Places)
        {
            node[part].Remove(request.Id, woken);
            node.Members--;
        }

        foreach (var (node, _) in request.Places)
        {
            if (node.Members == 0)
            {
                node.Detach();
            }
        }

        if (requests.Count == 0)
        {
            root = new PathNode(parent: null, []);
        }
    }

    private IdSet[] BlockersOf(ProofRequest request)
    {
        var blockers = new List<IdSet>();
        var resources = new ResourceSet.Enumerator(request.Resources);
        while (resources.MoveNext())
        {
            var resource = resources.Current;
            var writes = resource.Access == Access.Write;
            var node = root;
            Add(node, Part.WritesHere, Part.ReadsHere);
            foreach (var segment in resource)
            {
                node = node.Child(segment);
                Add(node, Part.WritesHere, Part.ReadsHere);
            }

            Add(node, Part.WritesBeneath, Part.ReadsBeneath);

            void Add(PathNode at, Part always, Part ifWrites)
            {
                blockers.Add(at[always]);
                if (writes)
                {
                    blockers.Add(at[ifWrites]);
                }
            }
        }

        return [.. blockers];
    }
}
