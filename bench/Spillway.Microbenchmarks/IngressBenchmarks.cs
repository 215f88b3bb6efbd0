using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using Spillway.Events;
using Spillway.Ingress;

namespace Spillway.Microbenchmarks;

/// <summary>A line of NDJSON on its way to a record of a batch: divided, parsed, validated, written. 1,000 lines an operation.</summary>
[MemoryDiagnoser]
public class IngressBenchmarks
{
    private const int Lines = 1_000;

    private readonly EventBatchWriter _batch = new(new LimitOptions(), new RuleBook([]), EventFieldNames.Json, Publisher.Anyone);
    private ReadOnlySequence<byte> _body;

    /// <summary>Alone: topic and payload. Otherwise also type, key, id, ttl and a trace.</summary>
    [Params(false, true)]
    public bool ManyFields { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var more = ManyFields
            ? ""","type":"reading","key":"17","id":"c0ffee-000017","ttl":60,"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" """
            : "";
        var line = $$"""{"topic":"sites/north/sensors/17/temperature","payload":{"value":21.5,"unit":"C","text":"{{new string('x', 60)}}"}{{more}}}""" + "\n";
        _body = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(line, Lines))));
    }

    [Benchmark(OperationsPerInvoke = Lines)]
    public int TryAdd()
    {
        _batch.Clear();
        using var splitter = new LineSplitter(1 << 20);
        var rest = _body;
        while (splitter.TryTake(ref rest, completed: true, out var line))
        {
            var reader = new EventJsonReader(line!.Value);
            reader.Read();
            if (!reader.TryReadEvent(null, null, out var source, out _) || reader.Read() || !_batch.TryAdd(source, out _))
            {
                throw new InvalidOperationException("A line was refused.");
            }
        }

        return _batch.Count;
    }
}
