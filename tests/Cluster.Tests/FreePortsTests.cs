namespace RaftLocks.Cluster.Tests;

// A machine without free ports is said to be one, instead of being searched for ever.

public class FreePortsTests
{
    [Fact]
    public void Where_no_port_is_free_none_is_taken()
    {
        var (offered, left) = (new HashSet<int>(), 3);
        bool OfferThree(int port) => left-- > 0 && offered.Add(port);

        Assert.Throws<InvalidOperationException>(() => FreePorts.Take(4, OfferThree));

        // What was offered then can be taken now.
        Assert.Equal(3, offered.Count);
        Assert.Equal(offered.Order(), FreePorts.Take(3, offered.Contains).Order());
    }
}
