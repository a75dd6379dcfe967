// One namespace: plays its events again and compares each with the one rule. A live request is acquired exactly when no live request with a
// smaller id conflicts with it.
using RaftLocks.StateMachine;

namespace RaftLocks.Ledger.Proof;

internal sealed class SpaceCheck(byte[] name)
{
    private readonly Dictionary<ulong, Claim> claims = [];
    private readonly List<Claim> woken = [];
    private PathNode root = new(parent: null, []);

    public byte[] Name { get; } = name;

    public ulong LastId { get; set; }

    public int Count => claims.Count;

    public IEnumerable<Claim> Claims => claims.Values;

    public Claim? Find(ulong id) => claims.GetValueOrDefault(id);

    /// <summary>A request begins; the older one that it must wait for, or null.</summary>
    public Claim? Begin(Claim claim)
    {
        claims.Add(claim.Id, claim);
        LastId = claim.Id;
        Place(claim);
        claim.Obstacles = ObstaclesOf(claim);
        return FindBlocker(claim);
    }

    /// <summary>A request waits on: it is told of when nothing blocks it any more.</summary>
    public static void Wait(Claim claim) => claim.Obstacles[claim.Overcome].Watch(claim);

    /// <summary>A request is granted.</summary>
    public static void Grant(Claim claim, long clockMs)
    {
        claim.GrantedAtMs = clockMs;
        claim.Obstacles = [];
    }

    /// <summary>A request ends; adds those that must be granted because of it, in id order.</summary>
    public void End(Claim claim, List<Claim> due)
    {
        claims.Remove(claim.Id);
        claim.Watches?.Unwatch(claim);
        Leave(claim);
        WakeUp(due);
    }

    /// <summary>A holder's writes become reads; adds those that must be granted because of it, in id order. False if it has no writes.</summary>
    public bool Downgrade(Claim claim, List<Claim> due)
    {
        if (LockBody.WithReadsOnly(claim.Body) is not { } reads)
        {
            return false;
        }

        claim.Body = reads;
        var before = claim.Places.ToArray();
        claim.Places.RemoveAll(static place => place.Part is Part.WritesHere or Part.WritesBeneath);
        Place(claim);
        foreach (var (node, part) in before)
        {
            if (part is Part.WritesHere or Part.WritesBeneath)
            {
                node[part].Remove(claim.Id, woken);
                node.Members--;
            }
        }

        WakeUp(due);
        return true;
    }

    /// <summary>The older request in the set that blocks this one now, or null.</summary>
    public Claim? FindBlocker(Claim claim)
    {
        for (; claim.Overcome < claim.Obstacles.Length; claim.Overcome++)
        {
            if (claim.Obstacles[claim.Overcome].Min is var older && older < claim.Id)
            {
                return claims[older];
            }
        }

        return null;
    }

    private void WakeUp(List<Claim> due)
    {
        foreach (var claim in woken)
        {
            if (FindBlocker(claim) is null)
            {
                due.Add(claim);
            }
            else
            {
                Wait(claim);
            }
        }

        woken.Clear();
        due.Sort(static (a, b) => a.Id.CompareTo(b.Id));
    }

    private void Place(Claim claim)
    {
        var resources = new ResourceSet.Enumerator(claim.Resources);
        while (resources.MoveNext())
        {
            var resource = resources.Current;
            var reads = resource.Access == Access.Read;
            var node = root;
            foreach (var segment in resource)
            {
                Enter(claim, node, reads ? Part.ReadsBeneath : Part.WritesBeneath);
                node = node.Child(segment);
            }

            Enter(claim, node, reads ? Part.ReadsHere : Part.WritesHere);
        }
    }

    private static void Enter(Claim claim, PathNode node, Part part)
    {
        if (node[part].Add(claim.Id))
        {
            node.Members++;
            claim.Places.Add((node, part));
        }
    }

    private void Leave(Claim claim)
    {
        foreach (var (node, part) in claim.Places)
        {
            node[part].Remove(claim.Id, woken);
            node.Members--;
        }

        foreach (var (node, _) in claim.Places)
        {
            if (node.Members == 0)
            {
                node.Detach();
            }
        }

        if (claims.Count == 0)
        {
            root = new PathNode(parent: null, []);
        }
    }

    private IdSet[] ObstaclesOf(Claim claim)
    {
        var obstacles = new List<IdSet>();
        var resources = new ResourceSet.Enumerator(claim.Resources);
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
                obstacles.Add(at[always]);
                if (writes)
                {
                    obstacles.Add(at[ifWrites]);
                }
            }
        }

        return [.. obstacles];
    }
}
