using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Microbenchmarks;

/// <summary>The log alone, with its index, retention and sidecars: one batch of events is appended and synced, then the next. Prints a line of JSON; <c>bench/log</c> runs it beside others.</summary>
internal sealed class LogMeasurement : IDisposable
{
    private const int Topics = 1_000;
    private const int PayloadBytes = 200;
    private const double WarmUp = 1; // Seconds; compiles the code.

    private readonly IHistory _history;
    private readonly byte[] _batch;
    private readonly int _events;
    private long _last;

    private LogMeasurement(string directory, int events)
    {
        _history = HistoryFactory.Open(new HistoryOptions { Data = directory }, TimeProvider.System, NullLoggerFactory.Instance);
        _last = _history.NextOffset - 1;
        (_events, _batch) = (events, MakeBatch(events));
    }

    public static void Run(ReadOnlySpan<string> arguments)
    {
        if (arguments.Length != 3)
        {
            throw new ArgumentException("usage: log DIR SECONDS EVENTS-PER-COMMIT", nameof(arguments));
        }

        var seconds = double.Parse(arguments[1], CultureInfo.InvariantCulture);
        using var measurement = new LogMeasurement(arguments[0], int.Parse(arguments[2], CultureInfo.InvariantCulture));
        measurement.Commit(WarmUp);
        measurement.Print(measurement.Commit(seconds));
    }

    public void Dispose() => _history.Dispose();

    /// <summary>Commits for so long; the milliseconds that each commit took, ascending, and all of them.</summary>
    private (List<double> Commits, double Seconds) Commit(double seconds)
    {
        var commits = new List<double>();
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
        {
            var from = Stopwatch.GetTimestamp();
            Stamp();
            _history.Append(_batch);
            _history.Sync();
            if (_history.Synced != _last)
            {
                throw new InvalidOperationException($"Synced up to {_history.Synced}, appended up to {_last}.");
            }

            commits.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
        }

        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        commits.Sort();
        return (commits, took);
    }

    private void Print((List<double> Commits, double Seconds) result)
    {
        var (commits, seconds) = result;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"events":{{(long)commits.Count * _events}},"bytes":{{(long)commits.Count * _batch.Length}},"seconds":{{seconds:0.000}},"p50":{{commits[commits.Count / 2]:0.000}},"p99":{{commits[commits.Count * 99 / 100]:0.000}},"max":{{commits[^1]:0.000}}}"""));
    }

    /// <summary>What the orderer stamps before it hands a batch to history.</summary>
    private void Stamp()
    {
        var time = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var at = 0;
        for (var place = 0; place < _events; place++)
        {
            var record = _batch.AsSpan(at, EventRecord.LengthAt(_batch.AsSpan(at)));
            EventRecordWriter.Stamp(record, ++_last, time, 0);
            at += record.Length;
        }
    }

    private static byte[] MakeBatch(int events)
    {
        var output = new ArrayBufferWriter<byte>();
        for (var place = 0; place < events; place++)
        {
            var start = output.WrittenCount;
            EventRecordWriter.Write(new PushEvent { Topic = $"sites/{place % 10}/sensors/{place % Topics}", Payload = new byte[PayloadBytes] }, EventFlags.None, output);
            var record = MemoryMarshal.AsMemory(output.WrittenMemory)[start..].Span;
            EventRecordWriter.StampPlace(record, place);
            if (place < events - 1)
            {
                EventRecordWriter.StampContinued(record);
            }
        }

        return output.WrittenSpan.ToArray();
    }
}
