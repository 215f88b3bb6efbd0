using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Microbenchmarks;

/// <summary>History of 200 B records of 1,000 topics: 1,000 appended at once, and what a subscriber who resumes reads.</summary>
[MemoryDiagnoser]
public class HistoryBenchmarks
{
    private const int BatchEvents = 1_000;
    private const int Topics = 1_000;
    private const int RecordBytes = 200;
    private const long Held = 1_000_000;

    private readonly byte[] _batch = new byte[BatchEvents * RecordBytes];
    private readonly SelectorSet _topic = new(["sites/7/sensors/777"], []);
    private readonly SelectorSet _narrow = new([], [Parse("sites/7/sensors/*")]);
    private readonly SelectorSet _absent = new([], [Parse("*/7/actors/**")]);
    private readonly SelectorSet _all = new([], [Parse("**")]);
    private string _directory = "";
    private IHistory _history = null!;
    private long _last;

    /// <summary>In a directory: all but the newest segments are sealed, their indexes are in sidecars.</summary>
    [Params(false, true)]
    public bool InDirectory { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _directory = Directory.CreateTempSubdirectory("spillway-bench-").FullName;
        var options = new HistoryOptions { Data = InDirectory ? _directory : "memory", MaxAge = TimeSpan.FromDays(36_500), MaxBytes = 512L * 1024 * 1024 };
        _history = HistoryFactory.Open(options, TimeProvider.System, NullLoggerFactory.Instance);
        for (var i = 0; i < BatchEvents; i++)
        {
            WriteRecord(_batch.AsSpan(i * RecordBytes, RecordBytes), $"sites/{i % 10}/sensors/{i % Topics}");
        }

        while (_history.Head < Held)
        {
            AppendAndSync();
        }

        ((SegmentedHistory)_history).Settle(); // What is read below is read as after a while, not as right after it was appended.
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _history.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark(OperationsPerInvoke = BatchEvents)]
    public void Append()
    {
        for (var at = 0; at < _batch.Length; at += RecordBytes)
        {
            EventRecordWriter.Stamp(_batch.AsSpan(at), ++_last, _last, 0);
        }

        _history.Append(_batch);
    }

    /// <summary>As a publisher of a thousand events waits for it.</summary>
    [Benchmark(OperationsPerInvoke = BatchEvents)]
    public void AppendAndSync()
    {
        Append();
        _history.Sync();
    }

    /// <summary>The newest ten of one topic among a thousand: three segments.</summary>
    [Benchmark]
    public int ReadTopicNearHead() => _history.Read(_topic, _history.Head - 10_000, _history.Head, 64 * 1024).Records.Length;

    /// <summary>A page of one topic from far behind: 64 KiB, which lie in 65 MB of others.</summary>
    [Benchmark]
    public int ReadTopicPage() => _history.Read(_topic, _history.Head - 900_000, _history.Head, 64 * 1024).Records.Length;

    [Benchmark]
    public int ReadPatternPage() => _history.Read(_narrow, _history.Head - 900_000, _history.Head, 64 * 1024).Records.Length;

    /// <summary>A pattern that nothing matches, over all that is kept.</summary>
    [Benchmark]
    public int ReadAbsentPattern() => _history.Read(_absent, _history.Tail, _history.Head, 64 * 1024).Records.Length;

    [Benchmark]
    public int ReadEverythingPage() => _history.Read(_all, _history.Head - 900_000, _history.Head, 64 * 1024).Records.Length;

    [Benchmark]
    public long FindLastOfTopic() => _history.FindLast(_topic, 100);

    [Benchmark]
    public int SnapshotOfPattern() => _history.Snapshot(_narrow, _history.Head, 100_000, int.MaxValue).Records.Length;

    private static TopicPattern Parse(string text) => TopicPattern.TryParse(text, out var pattern, out var fault) ? pattern! : throw new ArgumentException(fault);

    private static void WriteRecord(Span<byte> record, string topic)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        EventRecordWriter.Write(new PushEvent { Topic = topic, Payload = new byte[RecordBytes - 60] }, EventFlags.None, output);
        var missing = RecordBytes - output.WrittenCount; // The topic's length varies by a byte or two: the payload makes up for it.
        output.ResetWrittenCount();
        EventRecordWriter.Write(new PushEvent { Topic = topic, Payload = new byte[RecordBytes - 60 + missing] }, EventFlags.None, output);
        output.WrittenSpan.CopyTo(record);
        if (BinaryPrimitives.ReadUInt32LittleEndian(record) != RecordBytes - 4)
        {
            throw new InvalidOperationException($"A record of {output.WrittenCount} bytes.");
        }
    }
}
