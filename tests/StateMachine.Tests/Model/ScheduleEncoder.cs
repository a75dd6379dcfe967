// Turns the steps of a schedule into commands, and says by the model alone which events must come of them.
using RaftLocks.StateMachine.Codec;
using RaftLocks.StateMachine.Vocabulary;

namespace RaftLocks.StateMachine.Tests.Model;

internal sealed class ScheduleEncoder
{
    private readonly OneRule model = new();

    public OneRule Model => model;

    /// <summary>Encodes a batch, moves the model, and gives the entry and the events to expect.</summary>
    public (byte[] Entry, string[] Expected) Next(ScheduleStep[] batch, long timeMs)
    {
        var writer = new EntryWriter();
        writer.Begin((UInt128)timeMs, timeMs);
        var expected = new List<string>();
        foreach (var step in batch)
        {
            Add(step, writer, expected);
        }

        return (writer.Complete().ToArray(), [.. expected]);
    }

    private void Add(ScheduleStep step, EntryWriter writer, List<string> expected)
    {
        var ordinal = writer.Count;
        switch (step.Kind)
        {
            case StepKind.Lock or StepKind.TryLock:
                Lock(step, writer, expected);
                break;
            case StepKind.BlindRelease:
                var blind = step.Pick % Schedules.Sessions;
                writer.Add(new ReleaseCommand(Replica.Utf8(step.Namespace), Replica.SessionOf(blind), default));
                End("Released", "NothingLive", model.Find(step.Namespace, blind), ordinal, expected);
                break;
            case StepKind.BlindAbandon:
                var id = (ulong)step.Pick % (model.LastId(step.Namespace) + 2);
                writer.Add(new AbandonCommand(Replica.Utf8(step.Namespace), id));
                End("Abandoned", "NoSuchRequest", model.Find(step.Namespace, id), ordinal, expected);
                break;
            case StepKind.BlindLevelTwo:
                var number = (ulong)step.Pick % (model.LastId(step.Namespace) + 2);
                LevelTwo((StepKind)((int)StepKind.Timeout + (step.Pick % 3)), step.Namespace, number, writer, expected);
                break;
            case StepKind.Raise:
                writer.Add(new RaiseFeatureLevelCommand(2));
                expected.Add(
                    model.Level < 2
                        ? $"{ordinal} FeatureLevelRaised reply None #0"
                        : $"{ordinal} Rejected reply LevelNotHigher #0"
                );
                model.Level = 2;
                break;
            default:
                EndSomeLive(step, writer, expected);
                break;
        }
    }

    private void Lock(ScheduleStep step, EntryWriter writer, List<string> expected)
    {
        var ordinal = writer.Count;
        var session = step.Pick % Schedules.Sessions;
        writer.Add(
            new LockCommand(
                Replica.Utf8(step.Namespace),
                Replica.SessionOf(session),
                default,
                Replica.SetOf(step.Resources),
                AbandonTimeoutMs: step.Pick,
                WaitLimitMs: step.Kind == StepKind.TryLock ? 0
                    : MayTimeOut(step) ? 5_000
                    : -1,
                Label: Replica.Utf8("label")
            )
        );
        if (model.Find(step.Namespace, session) is not null)
        {
            expected.Add($"{ordinal} Rejected reply AlreadyLive #0");
        }
        else if (step.Kind == StepKind.TryLock && model.WouldWait(step.Namespace, step.Resources))
        {
            expected.Add($"{ordinal} Rejected reply Busy #0");
        }
        else
        {
            var request = model.Lock(step.Namespace, session, step.Resources, MayTimeOut(step));
            expected.Add(
                $"{ordinal} {(model.IsAcquired(request) ? "Acquired" : "Enqueued")} reply None "
                    + $"{request.Namespace}#{request.Id}"
            );
        }
    }

    private void EndSomeLive(ScheduleStep step, EntryWriter writer, List<string> expected)
    {
        var ordinal = writer.Count;
        var victims = model.Live.FindAll(r =>
            step.Kind switch
            {
                StepKind.Release or StepKind.Downgrade => model.IsAcquired(r),
                StepKind.Cancel => !model.IsAcquired(r),
                _ => true,
            }
        );
        if (victims.Count == 0)
        {
            return;
        }

        var victim = victims[step.Pick % victims.Count];
        var space = Replica.Utf8(victim.Namespace);
        if (step.Kind is StepKind.Timeout or StepKind.Revoke or StepKind.Downgrade)
        {
            LevelTwo(step.Kind, victim.Namespace, victim.Id, writer, expected);
        }
        else if (step.Kind == StepKind.Abandon)
        {
            writer.Add(new AbandonCommand(space, victim.Id));
            End("Abandoned", "NoSuchRequest", victim, ordinal, expected);
        }
        else
        {
            writer.Add(new ReleaseCommand(space, Replica.SessionOf(victim.Session), default));
            End("Released", "NothingLive", victim, ordinal, expected);
        }
    }

    private void End(string how, string ifMissing, ModelRequest? request, int ordinal, List<string> expected)
    {
        if (request is null)
        {
            expected.Add($"{ordinal} Rejected reply {ifMissing} #0");
            return;
        }

        Tell(how, request, model.Remove(request), ordinal, expected);
    }

    private void LevelTwo(StepKind kind, string space, ulong id, EntryWriter writer, List<string> expected)
    {
        var ordinal = writer.Count;
        var name = Replica.Utf8(space);
        switch (kind)
        {
            case StepKind.Timeout:
                writer.Add(new TimeoutCommand(name, id));
                break;
            case StepKind.Revoke:
                writer.Add(new RevokeCommand(name, id, Replica.Utf8("because")));
                break;
            default:
                writer.Add(new DowngradeCommand(name, id));
                break;
        }

        var request = model.Find(space, id);
        var refusal =
            model.Level < 2 ? "AboveFeatureLevel"
            : request is null ? "NoSuchRequest"
            : kind switch
            {
                StepKind.Timeout when model.IsAcquired(request) => "NotWaiting",
                StepKind.Timeout when !request.MayTimeOut => "NoWaitLimit",
                StepKind.Downgrade when !model.IsAcquired(request) => "NotAcquired",
                StepKind.Downgrade when !request.Resources.Any(r => r.IsWrite) => "OnlyReads",
                _ => null,
            };
        if (refusal is not null)
        {
            expected.Add($"{ordinal} Rejected reply {refusal} #0");
        }
        else if (kind == StepKind.Downgrade)
        {
            Tell("Downgraded", request!, model.Downgrade(request!), ordinal, expected);
        }
        else
        {
            Tell(
                kind == StepKind.Timeout ? "TimedOut" : "Revoked",
                request!,
                model.Remove(request!),
                ordinal,
                expected
            );
        }
    }

    private static bool MayTimeOut(ScheduleStep step) => step.Pick % 2 == 0;

    private static void Tell(
        string how,
        ModelRequest request,
        List<ModelRequest> granted,
        int ordinal,
        List<string> expected
    )
    {
        expected.Add($"{ordinal} {how} reply None {request.Namespace}#{request.Id}");
        expected.AddRange(granted.Select(g => $"{ordinal} Acquired grant None {g.Namespace}#{g.Id}"));
    }
}
