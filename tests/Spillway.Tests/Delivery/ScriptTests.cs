using Spillway.Tests.Delivery.Model;

namespace Spillway.Tests.Delivery;

/// <summary>Scripts by which the property test found a fault, as small as it made them.</summary>
public sealed class ScriptTests
{
    [Fact]
    public void SendRun_TheLastOfABacklogIsSent_IsSlowNoMore() => ScriptRun.Judge(
    [
        new(Act.Subscribe),
        new(Act.Stall),
        new(Act.Publish),
        new(Act.Turn),
    ]);

    [Fact]
    public void SendEvents_SupersededInReplayBesideEphemeralEvents_AreNotToldAsMissed() => ScriptRun.Judge(
    [
        new(Act.Rules, What: 7),
        new(Act.Subscribe, Count: 3, Flags: 115),
        new(Act.Room, Size: 17),
        new(Act.Publish, What: 3, Size: 10, Count: 22),
        new(Act.Turn),
        new(Act.Publish, What: 3, Size: 40, Count: 23, Flags: 257),
        new(Act.Publish, Size: 10, Count: 17, Flags: 540),
    ]);

    [Fact]
    public void Judge_RecordedEventByAnAlternateLeftTheWindow_ComesFromHistory() => ScriptRun.Judge(
    [
        new(Act.Rules, What: 2560),
        new(Act.Subscribe, Flags: 65),
        new(Act.Stall),
        new(Act.Publish, What: 3, Size: 900, Count: 3, Flags: 705),
        new(Act.Turn),
        new(Act.Publish, What: 5, Size: 14000, Count: 9, Flags: 1),
    ]);

    [Fact]
    public void Judge_DropOldestButTheSubscriberAskedForLatest_GivesNothingUp() => ScriptRun.Judge(
    [
        new(Act.Rules, What: 14),
        new(Act.Subscribe, Flags: 96),
        new(Act.Subscribe, What: 2, Count: 28, Flags: 23),
        new(Act.Stall, What: 2),
        new(Act.Publish, What: 3, Size: 40, Count: 16, Flags: 8),
        new(Act.Reconnect),
        new(Act.Publish, Size: 14000, Count: 9),
    ]);

    [Fact]
    public void Gather_ToldAsExpiredAndSupersededSince_IsCountedOnce() => ScriptRun.Judge(
    [
        new(Act.Rules, What: 56),
        new(Act.Subscribe, What: 1, Flags: 1024),
        new(Act.Room, What: 1, Size: 20),
        new(Act.Publish, What: 3, Size: 10, Count: 5, Flags: 256),
        new(Act.Clock, Size: 15091),
        new(Act.Publish, What: 2, Size: 200, Count: 4, Flags: 8),
        new(Act.Turn),
    ]);

    [Fact]
    public void Judge_AllThatLeftTheWindowWasToldAsExpired_TellsNoGap() => ScriptRun.Judge(
    [
        new(Act.Subscribe),
        new(Act.Room),
        new(Act.Publish, Flags: 256),
        new(Act.Clock, Size: 1001),
        new(Act.Turn),
        new(Act.Publish, What: 1, Size: 13669, Count: 4, Flags: 176),
        new(Act.Rules, What: 18913),
    ]);

    [Fact]
    public void EndWaiting_TheRuleHasAnotherPolicyNow_GivesNothingUp() => ScriptRun.Judge(
    [
        new(Act.Rules, What: 53),
        new(Act.Subscribe, What: 1, Flags: 18),
        new(Act.Publish, Flags: 482),
        new(Act.Publish, What: 5, Size: 14000, Count: 2),
        new(Act.Publish, What: 3, Size: 900, Count: 23, Flags: 4),
        new(Act.Room, What: 1, Size: 74),
        new(Act.Turn),
        new(Act.Room, What: 1, Size: 200),
        new(Act.Turn),
        new(Act.Rules, What: 22685),
        new(Act.Publish, What: 3, Size: 10, Count: 2),
    ]);

    [Fact]
    public void Gather_ExpiredBetweenTwoAttempts_IsTold() => ScriptRun.Judge(
    [
        new(Act.Subscribe, Flags: 1),
        new(Act.Publish, Count: 1, Flags: 256),
        new(Act.Stall),
        new(Act.Turn),
        new(Act.Clock, Size: 1001),
        new(Act.Room, Size: 59),
        new(Act.Turn),
    ]);

    [Fact]
    public void TakePage_ARuleMakesEventsEphemeralMeanwhile_CountsNothingThatItSent() => ScriptRun.Judge(
    [
        new(Act.Rules, What: 1536),
        new(Act.Subscribe, What: 1, Flags: 20),
        new(Act.Publish, What: 3, Size: 14000, Count: 13, Flags: 260),
        new(Act.Subscribe, What: 2, Flags: 32),
        new(Act.Turn),
        new(Act.Rules, What: 25460),
        new(Act.Publish, What: 3, Size: 40, Flags: 513),
    ]);

    [Fact]
    public void EndWaiting_LeftTheWindowBeforeItWasTold_IsToldInReplay() => ScriptRun.Judge(
    [
        new(Act.Rules, What: 24593),
        new(Act.Subscribe, Flags: 20),
        new(Act.Stall),
        new(Act.Publish, What: 3, Size: 1281, Flags: 1),
        new(Act.Publish, What: 1, Flags: 4),
        new(Act.Publish, What: 1, Size: 40, Count: 19),
        new(Act.Turn),
        new(Act.Room, Size: 121),
        new(Act.Turn),
        new(Act.Publish, What: 4, Size: 40, Count: 11, Flags: 8),
        new(Act.Publish, What: 4, Size: 14000, Flags: 2),
        new(Act.Publish, What: 2, Size: 40, Count: 23, Flags: 514),
        new(Act.Publish, What: 5, Size: 200, Flags: 208),
    ]);

    [Fact]
    public void TellExpired_CutBeforeThem_IsToldOnce() => ScriptRun.Judge(
    [
        new(Act.Subscribe, Flags: 8),
        new(Act.Publish, Count: 17, Flags: 96),
        new(Act.Publish, Count: 12),
        new(Act.Publish),
        new(Act.Publish),
        new(Act.Publish, What: 2, Count: 2, Flags: 256),
        new(Act.Clock, Size: 1129),
        new(Act.Publish, Count: 23),
        new(Act.Room, Size: 463),
        new(Act.Settle),
    ]);

    [Fact]
    public void CaughtUp_InReplay_IsNotToldThatItIsSlow() => ScriptRun.Judge(
    [
        new(Act.Subscribe, What: 2),
        new(Act.Room, What: 2, Size: 1),
        new(Act.Publish),
        new(Act.Turn),
        new(Act.Publish, What: 1, Size: 6528, Count: 13, Flags: 8),
        new(Act.Resume, What: 2),
        new(Act.Settle),
        new(Act.Publish, Size: 14000, Count: 11),
    ]);

    [Fact]
    public void TryChangeRules_TopicHasAnotherRuleNow_IsNotGivenUpByWhatItsOldPatternSaysNow() => ScriptRun.Judge(
    [
        new(Act.Subscribe, What: 1, Flags: 1024),
        new(Act.Stall, What: 1),
        new(Act.Rules, What: 937984),
        new(Act.Publish, What: 2, Count: 1),
        new(Act.Rules, What: 3584),
        new(Act.Turn),
    ]);

    [Fact]
    public void GoLive_TopicsOfSeveralPolicies_CountsWhatWasMissedUnderItsOwn() => ScriptRun.Judge(
    [
        new(Act.Rules, What: 320),
        new(Act.Subscribe, Flags: 40),
        new(Act.Publish, What: 4, Size: 7009, Count: 9, Flags: 529),
    ]);

    [Fact]
    public void GoLive_ByAPattern_CountsWhatWasMissedUnderItsTopicsPolicy() => ScriptRun.Judge(
    [
        new(Act.Rules, What: 455104),
        new(Act.Subscribe, Flags: 224),
        new(Act.Publish, What: 4, Size: 218, Count: 3, Flags: 1024),
        new(Act.Publish, What: 2, Size: 12032, Count: 8, Flags: 8209),
    ]);

    [Fact]
    public void GoLive_ByAnAlternate_CountsWhatWasMissedUnderTheRuleOfItsTopic() => ScriptRun.Judge(
    [
        new(Act.Rules, What: 48),
        new(Act.Subscribe, Flags: 32),
        new(Act.Publish, What: 2, Flags: 160),
        new(Act.Publish, Size: 2881, Count: 20),
    ]);

    [Fact]
    public void TellMissing_ToldAsExpiredBefore_IsCountedOnce() => ScriptRun.Judge(
    [
        new(Act.Rules, Size: 3),
        new(Act.Subscribe, Flags: 8),
        new(Act.Stall),
        new(Act.Publish, What: 2, Flags: 512),
        new(Act.Clock, Size: 4030),
        new(Act.Publish, What: 4, Size: 100000, Flags: 256),
        new(Act.Turn),
        new(Act.Publish, Size: 40, Count: 21, Flags: 175),
        new(Act.Publish, What: 2, Size: 100000, Count: 3, Flags: 2049),
        new(Act.Publish, What: 5, Size: 10, Count: 16, Flags: 10240),
    ]);

    [Fact]
    public void TellMissing_ToldAsExpiredByPages_IsCountedOnce() => ScriptRun.Judge(
    [
        new(Act.Rules, What: 413696, Size: 2),
        new(Act.Subscribe, Flags: 8),
        new(Act.Room),
        new(Act.Publish, Size: 13053, Count: 19, Flags: 99),
        new(Act.Turn),
        new(Act.Turn),
        new(Act.Publish, What: 3, Size: 200, Count: 13, Flags: 8193),
        new(Act.Clock, Size: 3671),
        new(Act.Room, Size: 5138),
        new(Act.Turn),
        new(Act.Turn),
        new(Act.Publish, Size: 900, Count: 3, Flags: 1),
        new(Act.Turn),
        new(Act.Publish, What: 5, Size: 60000, Count: 4, Flags: 162),
        new(Act.Room, Size: 18),
        new(Act.Turn),
    ]);

    [Fact]
    public void Encode_RulesChangeWhileAPageIsMade_JudgesItByOneSet() => ScriptRun.Judge(
    [
        new(Act.Rules, What: 584),
        new(Act.Subscribe),
        new(Act.Stall),
        new(Act.Publish),
        new(Act.Turn),
        new(Act.Publish, Size: 13000, Count: 10),
        new(Act.RulesDuring, What: 587, Size: 1),
    ]);
}
