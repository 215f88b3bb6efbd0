using Spillway.Cli.Demo;

namespace Spillway.Tests.Demo;

public sealed class CurveTests
{
    private const double Step = 0.5;

    public static TheoryData<string> Kinds => [.. SensorKind.All.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Next_AnHourWithoutExcursion_StaysBelowClear(string name)
    {
        var kind = Find(name);

        var highest = Enumerable.Range(0, 20).Max(seed => Sample(new Curve(kind, seed), 7_200).Max());

        Assert.True(highest < kind.Clear, $"{highest} {kind.Unit}: an alert would begin, or never end, without an excursion");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Disturb_AnySeed_CrossesTheLimitOnceAndComesBackWithinHalfAMinute(string name)
    {
        var kind = Find(name);
        for (var seed = 0; seed < 50; seed++)
        {
            var curve = new Curve(kind, seed);
            var before = Sample(curve, 100);
            curve.Disturb(Step);

            var after = Sample(curve, 60);

            Assert.True(before.Max() < kind.Limit && after.Max() >= kind.Limit, $"seed {seed}: {after.Max()} {kind.Unit}");
            Assert.True(after[^1] <= kind.Clear && !curve.HasExcursion, $"seed {seed}: still {after[^1]} {kind.Unit}");
        }
    }

    [Fact]
    public void Disturb_TheRise_TakesSeveralSteps()
    {
        var curve = new Curve(SensorKind.Temperature, seed: 1);
        var start = curve.Next(Step);
        curve.Disturb(Step);

        var rise = Sample(curve, 10);

        var largest = rise.Prepend(start).Zip(rise, (from, to) => Math.Abs(to - from)).Max();
        Assert.InRange(largest, 1, 12); // Degrees: a ramp that the eye can follow, not a jump.
    }

    [Fact]
    public void Next_SameSeed_GivesTheSameValues()
    {
        var one = Sample(new Curve(SensorKind.Vibration, seed: 7), 200);
        var other = Sample(new Curve(SensorKind.Vibration, seed: 7), 200);
        var different = Sample(new Curve(SensorKind.Vibration, seed: 8), 200);

        Assert.Equal(one, other);
        Assert.NotEqual(one, different);
    }

    private static SensorKind Find(string name) => SensorKind.All.Single(kind => kind.Name == name);

    private static double[] Sample(Curve curve, int count)
        => [.. Enumerable.Range(0, count).Select(_ => curve.Next(Step))];
}
