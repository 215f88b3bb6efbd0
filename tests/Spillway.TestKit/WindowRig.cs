using System.Text;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.TestKit;

/// <summary>A window with its strands and pins, and events that are nothing but a payload and the strands they belong to.</summary>
internal sealed class WindowRig : IDisposable
{
    private long _offset;

    public WindowRig(int events = 16, long bytes = 64 * 1024, int readers = 2, int strands = 1_000)
    {
        Pins = new PinTable(readers);
        Window = new Window(events, bytes, birthOffset: 0, Pins);
        Strands = new StrandTable(new LimitOptions { Topics = strands }, loops: 2);
    }

    public Window Window { get; }

    public StrandTable Strands { get; }

    public PinTable Pins { get; }

    /// <summary>Appends an event and, unless told otherwise, shows it.</summary>
    public long Append(byte[] record, byte[]? encoded = null, int[]? strands = null, bool publish = true, bool ephemeral = false)
    {
        strands ??= [];
        var slot = Window.BeginAppend(strands.Length, [record.Length, encoded?.Length ?? -1, -1], Strands);
        ref var header = ref Window.Header(slot);
        header.Offset = ephemeral ? _offset : ++_offset;
        header.Expires = long.MaxValue;
        header.Flags = ephemeral ? EventFlags.Ephemeral : EventFlags.None;
        Window.WriteRecord(slot, record);
        if (encoded is null)
        {
            Window.SkipEncoded(slot, WireFormat.SseRaw);
        }
        else
        {
            Window.WriteEncoded(slot, WireFormat.SseRaw, encoded);
        }

        Window.SkipEncoded(slot, WireFormat.SseJson);
        for (var i = 0; i < strands.Length; i++)
        {
            ref var head = ref Strands.Head(strands[i]);
            Window.LinkAt(header, i) = new Link { Strand = strands[i], Sequence = ++head.Sequence, Previous = head.Slot };
            head.Slot = slot;
        }

        if (publish)
        {
            Window.Publish();
        }

        return slot;
    }

    public long Append(string record, params int[] strands) => Append(Encoding.UTF8.GetBytes(record), strands: strands);

    public string Record(long slot) => Encoding.UTF8.GetString(Window.Record(slot));

    public int Strand(string name, bool pattern = false) => pattern && TopicPattern.TryParse(name, out var parsed, out _)
        ? Strands.FindOrAdd(parsed!, out _)
        : Strands.FindOrAdd(Encoding.UTF8.GetBytes(name), pattern, out _);

    public void Dispose()
    {
        Window.Dispose();
        Strands.Dispose();
    }
}
