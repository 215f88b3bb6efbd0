using Spillway.Tests.Delivery.Model;

namespace Spillway.Tests.Delivery;

/// <summary>Scripts by which the property test found a fault in what becomes of connections behind the window, as small as it made them.</summary>
public sealed class ReplayScriptTests
{
    [Fact]
    public void Judge_RecordedEventOfADropOldestTopicByAnAlternate_IsNotGivenUpForLatest() => ScriptRun.Judge(
    [
        new(Act.Rules, What: 385),
        new(Act.Subscribe, Flags: 33),
        new(Act.Stall),
        new(Act.Publish, Size: 11536, Flags: 168),
        new(Act.Publish, What: 3, Size: 3000, Count: 3, Flags: 2577),
        new(Act.Settle),
        new(Act.Publish, Size: 3000, Count: 12, Flags: 8199),
    ]);

    [Fact]
    public void Judge_TheTopicHadHistoryOnce_IsNotGivenUpForLatest() => ScriptRun.Judge(
    [
        new(Act.Rules, What: 7),
        new(Act.Subscribe, What: 1, Flags: 5),
        new(Act.RulesDuring, What: 1, Count: 1),
        new(Act.Stall, What: 1),
        new(Act.Publish, What: 1),
        new(Act.Settle),
        new(Act.Publish, What: 1, Count: 14),
        new(Act.Publish, Count: 23),
        new(Act.Publish),
        new(Act.Rules, What: 5),
        new(Act.Publish, Count: 19),
    ]);

    [Fact]
    public void GoLive_ToldOfEventsThatAreStillAhead_CountsTheOthersThatLeftTheWindow() => ScriptRun.Judge(
    [
        new(Act.Rules, What: 2744640, Size: 3),
        new(Act.Subscribe, What: 1, Flags: 16),
        new(Act.Publish, What: 3, Size: 59534, Count: 18, Flags: 8206),
        new(Act.Stall, What: 1),
        new(Act.Publish, What: 5, Size: 60000, Count: 18, Flags: 226),
        new(Act.Turn),
        new(Act.Publish, What: 3, Size: 40, Count: 3, Flags: 4),
        new(Act.Room, What: 1, Size: 198),
        new(Act.Turn),
        new(Act.Publish, What: 4, Size: 60000, Count: 1, Flags: 8195),
    ]);

    [Fact]
    public void SendPage_RetentionTookTheRestOfASnapshotsEvent_EndsInsteadOfSendingAnothersBytes() => ScriptRun.Judge(
    [
        new(Act.Rules, Size: 3),
        new(Act.Publish),
        new(Act.Publish),
        new(Act.Publish, What: 1, Count: 12),
        new(Act.Publish, Flags: 4),
        new(Act.Subscribe, What: 1, Flags: 4096),
        new(Act.Room, What: 1, Size: 15),
        new(Act.Publish, Count: 5),
        new(Act.Turn),
        new(Act.Publish, Count: 2),
        new(Act.Publish, Count: 4),
        new(Act.Publish),
    ]);
}
