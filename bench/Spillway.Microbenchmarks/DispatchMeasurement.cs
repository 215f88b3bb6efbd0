using System.Diagnostics;
using System.Globalization;

namespace Spillway.Microbenchmarks;

/// <summary>What publishing an event costs by who listens: hubs beside each other take their turns in every round. Prints a line of JSON; <c>bench/publishing</c> makes the report.</summary>
internal static class DispatchMeasurement
{
    private const int BatchEvents = 64;
    private const int WarmUpRounds = 5;
    private const string Shared = "news/today";

    public static void Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 2)
        {
            throw new ArgumentException("usage: dispatch ROUNDS BATCHES-A-ROUND", nameof(arguments));
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
            foreach (var (@case, sweep) in Turns(cases, round))
            {
                var cost = Measure(@case.Rig, @case.Batch, batches, sweep);
                if (round >= 0)
                {
                    (sweep ? @case.Swept : @case.Alone).Add(cost);
                }
            }
        }

        Console.WriteLine("{" + string.Join(',', cases.Select(static @case => @case.ToJson())) + "}");
        Array.ForEach(cases, static @case => @case.Rig.Dispose());
    }

    /// <summary>Every case twice, in alternating order: with and without the loop's sweep after each batch.</summary>
    private static IEnumerable<(Case Case, bool Sweep)> Turns(Case[] cases, int round)
    {
        var turns = cases.SelectMany(static @case => ((Case, bool)[])[(@case, false), (@case, true)]);
        return (round & 1) == 0 ? turns : turns.Reverse();
    }

    /// <summary>Nanoseconds for each event; the sweeps themselves are not counted.</summary>
    private static double Measure(HeartRig rig, byte[] batch, int batches, bool sweep)
    {
        var spent = 0L;
        for (var i = 0; i < batches; i++)
        {
            var began = Stopwatch.GetTimestamp();
            rig.Publish(batch, BatchEvents);
            spent += Stopwatch.GetTimestamp() - began;
            if (sweep || (i & 31) == 31) // Else what waits would be walked step by step.
            {
                rig.RunTurns();
            }
        }

        rig.RunTurns();
        return TimeSpan.FromSeconds((double)spent / Stopwatch.Frequency).TotalNanoseconds / (batches * BatchEvents);
    }

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

        public List<double> Alone { get; } = [];

        public List<double> Swept { get; } = [];

        public string ToJson() => $"\"{Name}\":{{\"alone\":{ToJson(Alone)},\"swept\":{ToJson(Swept)}}}";

        private static string ToJson(List<double> values) => "[" + string.Join(',', values.Select(static value => value.ToString("0.##", CultureInfo.InvariantCulture))) + "]";
    }
}
