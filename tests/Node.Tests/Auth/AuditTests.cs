// The audit log: one line for each refusal and each deed, with the peer's address, and never more than its limit.
using System.Net;
using Microsoft.AspNetCore.Http;
using RaftLocks.Node.Auth;
using RaftLocks.Node.Foundation;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.Node.Tests.Auth;

public class AuditTests
{
    private readonly Lines lines = new();

    [Fact]
    public void A_refusal_and_a_deed_say_who_what_and_from_where()
    {
        using var audit = new AuditLog(lines);
        audit.Refused(Request("10.1.2.3"), "team", why: null);
        audit.LockRefused("team", "n"u8, Write("a", "b"), "10.1.2.4");
        audit.Done(Request("10.1.2.5"), "ops", "delete token", "team");
        Assert.Collection(
            lines.Said,
            line =>
                Assert.StartsWith(
                    "Refused: team asked for GET /v1/locks from 10.1.2.3",
                    line,
                    StringComparison.Ordinal
                ),
            line =>
                Assert.StartsWith(
                    "Refused: team asked for a lock of write a/b in n from 10.1.2.4",
                    line,
                    StringComparison.Ordinal
                ),
            line => Assert.StartsWith("ops did delete token team from 10.1.2.5", line, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Refusals_are_bounded_and_the_next_line_says_how_many_were_left_out()
    {
        using var audit = new AuditLog(lines);
        const int leftOut = 5;
        for (var i = 0; i < Limits.AuditRefusalsPerWindow + leftOut; i++)
        {
            audit.Refused(Request("10.1.2.3"), principal: null, "no such token");
        }

        Assert.Equal(Limits.AuditRefusalsPerWindow, lines.Said.Count);
        await Task.Delay(Limits.AuditWindowMs + 500);
        audit.Refused(Request("10.1.2.3"), principal: null, "no such token");
        Assert.Contains($"{leftOut} refusals before it were not told", lines.Said.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_a_header_names_is_told_only_if_it_is_one()
    {
        using var audit = new AuditLog(lines);
        var request = Request("10.1.2.3");
        request.Request.Headers[AuditLog.ForwardedFor] = "10.9.9.9";
        audit.Done(request, "ops", "POST", "/x");
        request.Request.Headers[AuditLog.ForwardedFor] = "a line\nof its own";
        audit.Done(request, "ops", "POST", "/x");
        Assert.Collection(
            lines.Said,
            line => Assert.Contains("'10.9.9.9'", line, StringComparison.Ordinal),
            line => Assert.Contains("(forwarded for '')", line, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void What_a_client_chose_makes_no_lines_of_its_own_and_no_long_ones()
    {
        using var audit = new AuditLog(lines);
        var request = Request("10.1.2.3");
        request.Request.Path = "/a\nforged";
        audit.Refused(request, "team", why: null);
        audit.LockRefused("team", "n\n"u8, Write(new string('x', 60_000)), "10.1.2.3");
        Assert.All(lines.Said, line => Assert.DoesNotContain('\n', line));
        Assert.All(lines.Said, line => Assert.InRange(line.Length, 1, 500));
    }

    private static ResourceSet Write(params string[] path)
    {
        var builder = new ResourceSetBuilder().Begin(Access.Write);
        foreach (var segment in path)
        {
            builder.Segment(segment);
        }

        return builder.Build();
    }

    private static DefaultHttpContext Request(string from)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Path = "/v1/locks";
        context.Connection.RemoteIpAddress = IPAddress.Parse(from);
        return context;
    }
}
