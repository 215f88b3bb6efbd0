using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.Transports.Sse;

namespace Spillway.Microbenchmarks;

/// <summary>Dispatcher, window and one loop without sockets, threads or history: what an event and a visit cost by themselves.</summary>
internal sealed class HeartRig : IRetryDelays, IConnectionOwner, IDisposable
{
    private readonly StrandTable _strands;
    private readonly Replayer _replayer;
    private readonly ArrayBufferWriter<byte> _record = new();
    private long _offset;

    public HeartRig(int connections, int topics)
    {
        var options = new SpillwayOptions();
        options.Limits.Connections = connections + 1;
        options.Limits.Topics = topics + 10_000;
        var (pins, rules, history) = (new PinTable(1), new RuleBook([]), new NoHistory());
        IWireEncoder[] encoders = [new SseRawEncoder(), new SseJsonEncoder()];
        Window = new Window(options.Delivery.WindowEvents, options.Delivery.WindowBytes, 0, pins);
        _strands = new StrandTable(options.Limits, 1);
        _replayer = new Replayer(history, Window, rules, encoders, options.Delivery, options.Limits, TimeProvider.System, NullLogger.Instance);
        Dispatcher = new Dispatcher(Window, _strands, rules, encoders, history);
        var context = new LoopContext(
            Window, _strands, pins, rules, _replayer, encoders, options, history.Epoch, Dispatcher.Release, this, TimeProvider.System, NullLogger.Instance);
        Loop = new DeliveryLoop(0, context, _ => Sink, new SemaphoreWaiter());
        Dispatcher.Attach([Loop]);
        Dispatcher.UseFormat(WireFormat.SseRaw, 1);
    }

    public Window Window { get; }

    public Dispatcher Dispatcher { get; }

    public DeliveryLoop Loop { get; }

    public CountingSink Sink { get; } = new();

    public byte RetryMagnitude => 0;

    public int NextRetryMilliseconds() => 1_000;

    public (int Number, int Generation) Place => default;

    public void Adopted(int number, int generation)
    {
        // Its sink counts, whoever it is.
    }

    public void Refused() => throw new InvalidOperationException("The loop has stopped.");

    public void Connect(IEnumerable<string> topics, IEnumerable<string> patterns)
    {
        var selectors = new SelectorSet(topics, patterns.Select(static text => TopicPattern.TryParse(text, out var pattern, out _) ? pattern! : throw new ArgumentException(text)));
        var resolved = Dispatcher.Resolve(selectors, 0)!;
        Loop.Post(new LoopCommand(LoopCommandKind.Adopt, Argument: new Adoption(
            resolved.Strands, selectors.Patterns.Count == 0, resolved.Birth, resolved.Head, resolved.HeadOffset, resolved.HeadOffset, Live: true, 0, null,
            WireFormat.SseRaw, Signals: true)
        {
            Owner = this,
        }));
    }

    /// <summary>A stamped event of 200 bytes of payload.</summary>
    public byte[] Record(string topic)
    {
        _record.ResetWrittenCount();
        EventRecordWriter.Write(new PushEvent { Topic = topic, Payload = Payload }, EventFlags.None, _record);
        return _record.WrittenSpan.ToArray();
    }

    public void Publish(byte[] record)
    {
        EventRecordWriter.Stamp(record, ++_offset, 1, 0);
        Dispatcher.Accept(record);
    }

    /// <summary>Publishes a batch, as the backplane would hand it over.</summary>
    public void Publish(byte[] batch, int count)
    {
        for (int i = 0, at = 0; i < count; i++, at += EventRecord.LengthAt(batch.AsSpan(at)))
        {
            EventRecordWriter.Stamp(batch.AsSpan(at), ++_offset, 1, 0);
        }

        Dispatcher.Accept(batch);
    }

    public void RunTurns()
    {
        while (Loop.Turn())
        {
        }
    }

    public void Dispose()
    {
        _replayer.Dispose();
        Loop.Dispose();
        _strands.Dispose();
        Window.Dispose();
    }

    private static byte[] Payload { get; } = Encoding.UTF8.GetBytes(new string('x', 200));
}
