using System.Diagnostics;
using System.Globalization;

namespace Spillway.Microbenchmarks;

/// <summary>What a delivery costs in user mode where sending is free: sweeps over connections that keep up. Prints a line of JSON; <c>bench/policy-cost</c> runs it in two builds, in turn.</summary>
internal sealed class SweepMeasurement
{
    private const int Connections = 10_000;
    private const double WarmUp = 0.7; // Seconds; compiles the code, twice.
    private const int Slices = 15; // Their median: what another guest of the machine takes for a moment is in few of them.

    private readonly double _seconds;

    private SweepMeasurement(double seconds) => _seconds = seconds;

    public static void Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 1)
        {
            throw new ArgumentException("usage: sweep SECONDS", nameof(arguments));
        }

        var measurement = new SweepMeasurement(double.Parse(arguments[0], CultureInfo.InvariantCulture));
        var one = measurement.Measure(static i => ["a"], 1);
        var ten = measurement.Measure(static i => ["a"], 10);
        var mixed = measurement.Measure(static i => [$"users/{i}", "a", "b"], 1);
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{{\"one\":{one:0.###},\"ten\":{ten:0.###},\"mixed\":{mixed:0.###},\"cpu\":{process.TotalProcessorTime.TotalSeconds:0.##}}}"));
    }

    /// <summary>Nanoseconds of user mode for each delivery, publishing included, where each connection finds so many events.</summary>
    private double Measure(Func<int, string[]> topicsOf, int pending)
    {
        using var rig = new HeartRig(Connections, (Connections * 2) + 2);
        for (var i = 0; i < Connections; i++)
        {
            rig.Connect(topicsOf(i), []);
            if ((i & 1023) == 0)
            {
                rig.RunTurns(); // The loop's queue of commands stays short.
            }
        }

        rig.RunTurns();
        var batch = Enumerable.Range(0, pending).SelectMany(_ => rig.Record("a")).ToArray();
        Sweep(rig, batch, pending, WarmUp);
        var slices = new double[Slices];
        foreach (ref var slice in slices.AsSpan())
        {
            var before = rig.Loop.Counters.Delivered;
            var used = Sweep(rig, batch, pending, _seconds / Slices);
            slice = used.TotalNanoseconds / (rig.Loop.Counters.Delivered - before);
        }

        Array.Sort(slices);
        return slices[Slices / 2];
    }

    /// <summary>Publishes and sweeps for so long; the time in user mode that this took.</summary>
    private static TimeSpan Sweep(HeartRig rig, byte[] batch, int pending, double seconds)
    {
        using var process = Process.GetCurrentProcess();
        process.Refresh();
        var user = process.UserProcessorTime;
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began).TotalSeconds < seconds;)
        {
            rig.Publish(batch, pending);
            rig.RunTurns();
        }

        process.Refresh();
        return process.UserProcessorTime - user;
    }
}
