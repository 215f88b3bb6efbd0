using System.Diagnostics;
using System.Globalization;

namespace Spillway.Microbenchmarks;

/// <summary>What publishing an event costs by who listens: hubs beside each other take their turns in every round. Prints a line of JSON; <c>bench/publishing</c> makes the report.</summary>
internal static class DispatchMeasurement
{
    private const int BatchEvents = 64;
    private const int WarmBatches = 2; // With the cold one less than a send's worth: one visit brings them.
    private const int WarmUpRounds = 3;
    private const string Shared = "news/today";

    public static void Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 2)
        {
            throw new ArgumentException("usage: dispatch ROUNDS SWEEPS-A-ROUND", nameof(arguments));
        }

        var (rounds, batches) = (int.Parse(arguments[0], CultureInfo.InvariantCulture), int.Parse(arguments[1], CultureInfo.InvariantCulture));
        Case[] cases =
        [
            new("sets100", Sets(100)),
            new("sets19000", Sets(19_000)),
            new("noPatterns", Patterns(0, null)),
            new("otherPatterns", Patterns(1_000, null)),
            new("onePattern", Patterns(1_000, "news/**")),
        ];
        for (var round = -WarmUpRounds; round < rounds; round++)
        {
            foreach (var @case in (round & 1) == 0 ? cases : cases.Reverse())
            {
                var (warm, cold) = Measure(@case.Rig, @case.Batch, batches);
                if (round >= 0)
                {
                    @case.Warm.Add(warm);
                    @case.Cold.Add(cold);
                }
            }
        }

        Console.WriteLine("{" + string.Join(',', cases.Select(static @case => @case.ToJson())) + "}");
        Array.ForEach(cases, static @case => @case.Rig.Dispose());
    }

    /// <summary>Nanoseconds for each event of the batch that follows a sweep over all connections, which leaves the caches cold, and of those behind it. The sweeps are not counted.</summary>
    private static (double Warm, double Cold) Measure(HeartRig rig, byte[] batch, int batches)
    {
        var (warm, cold) = (0L, 0L);
        for (var i = 0; i < batches; i++)
        {
            cold += Publish(rig, batch);
            for (var more = 0; more < WarmBatches; more++)
            {
                warm += Publish(rig, batch);
            }

            rig.RunTurns();
        }

        return (Nanoseconds(warm, batches * WarmBatches), Nanoseconds(cold, batches));
    }

    private static long Publish(HeartRig rig, byte[] batch)
    {
        var began = Stopwatch.GetTimestamp();
        rig.Publish(batch, BatchEvents);
        return Stopwatch.GetTimestamp() - began;
    }

    private static double Nanoseconds(long ticks, int batches) => ticks * (1e9 / Stopwatch.Frequency) / ((double)batches * BatchEvents);

    /// <summary>Connections with a set of their own each: the shared topic and one that nobody else has.</summary>
    private static HeartRig Sets(int count) => Make(count, count + 1, static i => [Shared, $"users/{i}"], 0, null);

    /// <summary>A hundred subscribers of the topic; and a connection for each pattern, which begin with different literals, but for one that matches.</summary>
    private static HeartRig Patterns(int count, string? matching) => Make(100, 2, static _ => [Shared], count, matching);

    private static HeartRig Make(int connections, int topics, Func<int, string[]> topicsOf, int patterns, string? matching)
    {
        var rig = new HeartRig(connections + patterns, topics + patterns);
        for (var i = 0; i < connections; i++)
        {
            rig.Connect(topicsOf(i), []);
        }

        for (var i = 0; i < patterns; i++)
        {
            rig.Connect([], [i == 0 && matching is not null ? matching : $"site{i}/*/state/**"]);
        }

        rig.RunTurns();
        return rig;
    }

    private sealed record Case(string Name, HeartRig Rig)
    {
        public byte[] Batch { get; } = [.. Enumerable.Range(0, BatchEvents).SelectMany(_ => Rig.Record(Shared))];

        public List<double> Warm { get; } = [];

        public List<double> Cold { get; } = [];

        public string ToJson() => $"\"{Name}\":{{\"warm\":{ToJson(Warm)},\"cold\":{ToJson(Cold)}}}";

        private static string ToJson(List<double> values) => "[" + string.Join(',', values.Select(static value => value.ToString("0.##", CultureInfo.InvariantCulture))) + "]";
    }
}
