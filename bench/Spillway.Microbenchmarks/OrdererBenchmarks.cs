using System.Buffers;
using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Backplane;
using Spillway.Events;

namespace Spillway.Microbenchmarks;

/// <summary>What ordering costs an event, without the history and the hub behind it: on the publisher's thread, and on the one thread that orders.</summary>
[MemoryDiagnoser]
public class OrdererBenchmarks
{
    private const int Events = 1_000;

    private readonly List<PendingBatch> _round = [];
    private Orderer _orderer = null!;
    private EventBatch[] _batches = [];

    /// <summary>1: a round of 1,000 publishers with an event each. 1,000: one publisher's batch.</summary>
    [Params(1, 1_000)]
    public int BatchEvents { get; set; }

    /// <summary>Whether the events have ids, each a new one.</summary>
    [Params(false, true)]
    public bool Ids { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var (history, sink, metrics) = (new NoHistory(), new NoSink(), new BackplaneMetrics(new Meters()));
        var syncer = new Syncer(history, sink, deliverSynced: false, TimeProvider.System, metrics, new CommitHealth(TimeProvider.System), NullLogger.Instance);
        _orderer = new Orderer(history, sink, syncer, new DedupOptions(), TimeProvider.System, metrics, NullLogger.Instance);
        _batches = new EventBatch[Events / BatchEvents];
        for (var i = 0; i < _batches.Length; i++)
        {
            var records = new ArrayBufferWriter<byte>();
            for (var j = 0; j < BatchEvents; j++)
            {
                EventRecordWriter.Write(
                    new PushEvent { Topic = "sites/north/sensors/17/temperature", Payload = new byte[100], Id = Ids ? $"c0ffee-{i:D4}-{j:D4}" : null }, EventFlags.None, records);
            }

            _batches[i] = new EventBatch(records, BatchEvents, "");
        }
    }

    /// <summary>The publishers' part.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public int CreatePending()
    {
        _round.Clear();
        foreach (var batch in _batches)
        {
            _round.Add(PendingBatch.Create(batch));
        }

        return _round.Count;
    }

    /// <summary>Both parts. With ids, all but the first operation are repeats: the dearer half of dedup, without the copy.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public int Process()
    {
        CreatePending();
        _orderer.Process(_round);
        return _round.Count;
    }

    private sealed class NoSink : IEventSink
    {
        public void Accept(ReadOnlySpan<byte> records)
        {
        }
    }

    private sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
