// With whom a connection shares before the proposer.
using System.Text;
using RaftLocks.Node.Sessions;

namespace RaftLocks.Node.Tests.Sessions;

public class PrincipalsTests
{
    private readonly NamespaceUses namespaces = new();

    [Fact]
    public void The_connections_of_a_principal_are_one_party_and_those_of_nobody_that_of_their_namespace()
    {
        var principals = new Principals(most: 2);
        var (one, other) = (Use("one"), Use("other"));

        Assert.Same(principals.PartyOf(Name("ann"), one), principals.PartyOf(Name("ann"), other));
        Assert.NotSame(principals.PartyOf(Name("ann"), one), principals.PartyOf(Name("bob"), one));
        Assert.Same(one.Party, principals.PartyOf(Name(""), one));
        Assert.NotSame(one.Party, principals.PartyOf(Name(""), other));
    }

    [Fact]
    public void Those_that_are_too_many_to_remember_are_forgotten()
    {
        var principals = new Principals(most: 2);
        var ann = principals.PartyOf(Name("ann"), Use("n"));
        principals.PartyOf(Name("bob"), Use("n"));
        Assert.Same(ann, principals.PartyOf(Name("ann"), Use("n")));

        var carl = principals.PartyOf(Name("carl"), Use("n"));

        Assert.NotSame(ann, principals.PartyOf(Name("ann"), Use("n")));
        Assert.Same(carl, principals.PartyOf(Name("carl"), Use("n")));
    }

    private static ReadOnlyMemory<byte> Name(string name) => Encoding.UTF8.GetBytes(name);

    private NamespaceUse Use(string name) => namespaces.Get(Name(name));
}
