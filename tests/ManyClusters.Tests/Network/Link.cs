// The way from one node to another: all bytes that the one sends to the other go over it, in whatever connection.
namespace RaftLocks.ManyClusters.Network;

/// <summary>One direction between two nodes.</summary>
internal sealed class Link
{
    private readonly Lock gate = new();
    private readonly HashSet<Wire> wires = [];
    private volatile bool isCut;
    private volatile bool swallowsConnects;
    private volatile int delayMs;

    /// <summary>
    /// Whether nothing arrives: what is sent is on its way until the link is whole again, or the connection is given
    /// up.
    /// </summary>
    public bool IsCut => isCut;

    /// <summary>Whether whoever connects over it hears nothing, as of a port that a firewall drops.</summary>
    public bool SwallowsConnects => swallowsConnects;

    /// <summary>How long everything takes that is sent from now on.</summary>
    public int DelayMs => delayMs;

    /// <summary>Whether it is as it should be.</summary>
    public bool IsWell => !isCut && !swallowsConnects && delayMs == 0;

    /// <summary>Cuts it, or makes it whole.</summary>
    public void Cut(bool cut)
    {
        isCut = cut;
        WakeReaders();
    }

    /// <summary>Loses requests to connect, or doesn't.</summary>
    public void Swallow(bool swallow) => swallowsConnects = swallow;

    /// <summary>Makes everything slow.</summary>
    public void Delay(int ms)
    {
        delayMs = ms;
        WakeReaders();
    }

    /// <summary>Makes it as it should be.</summary>
    public void Heal()
    {
        (isCut, swallowsConnects, delayMs) = (false, false, 0);
        WakeReaders();
    }

    internal void Add(Wire wire)
    {
        lock (gate)
        {
            wires.Add(wire);
        }
    }

    internal void Remove(Wire wire)
    {
        lock (gate)
        {
            wires.Remove(wire);
        }
    }

    private void WakeReaders()
    {
        Wire[] all;
        lock (gate)
        {
            all = [.. wires];
        }

        Array.ForEach(all, wire => wire.Wake());
    }
}
