using Spillway.Events;

namespace Spillway.Backplane;

/// <summary>A publisher's id of an event, and what the event said, as hashes.</summary>
/// <param name="Key">Of the publisher and its id; 0 where there is no id.</param>
/// <param name="Content">Of what makes it the same event.</param>
/// <param name="Name">Of the id alone, where it is a name by which others ask for the event (<see cref="ScopedId"/>); else 0.</param>
internal readonly record struct RecordId(UInt128 Key, ulong Content, UInt128 Name = default)
{
    public bool IsNone => Key == UInt128.Zero;

    /// <summary>The key of an id.</summary>
    public static UInt128 KeyOf(ReadOnlySpan<byte> publisher, ReadOnlySpan<byte> id)
    {
        var key = new KeyedHash();
        key.Add(publisher);
        key.Add(id);
        return UInt128.Max(key.Finish(), UInt128.One);
    }

    /// <summary>The key of a name, which no id has.</summary>
    public static UInt128 NameOf(ReadOnlySpan<byte> space, ReadOnlySpan<byte> name)
    {
        var key = new KeyedHash();
        key.Add([]);
        key.Add(space);
        key.Add(name);
        return UInt128.Max(key.Finish(), UInt128.One);
    }

    public static RecordId Of(ReadOnlySpan<byte> publisher, in EventRecord record)
    {
        var content = new KeyedHash();
        content.Add((byte)FlagsOfPublisher(record));
        content.Add(record.Topic);
        foreach (var alternate in record.Alternates)
        {
            content.Add(alternate);
        }

        // The fields have fixed places from here on. The traceparent is left out: a client library that tries again sends another one.
        content.Add([]);
        content.Add(record.Type);
        content.Add(record.ContentType);
        content.Add(record.Key);
        content.Add(record.Flags.HasFlag(EventFlags.RuleTtl) ? 0 : record.TtlMilliseconds);
        content.Add(record.Payload);
        var space = ScopedId.SpaceOf(record.Id);
        return new RecordId(KeyOf(publisher, record.Id), (ulong)content.Finish(), space.IsEmpty ? default : NameOf(space, ScopedId.WithoutMark(record.Id)));
    }

    /// <summary>Without what a rule set, which may change between an event and its repeat.</summary>
    private static EventFlags FlagsOfPublisher(in EventRecord record)
    {
        var flags = record.Flags & ~(EventFlags.Ephemeral | EventFlags.RulePriority | EventFlags.RuleTtl);
        return record.Flags.HasFlag(EventFlags.RulePriority) ? (flags & ~EventFlags.PriorityMask) | (EventFlags)((int)EventPriority.Normal << 4) : flags;
    }
}
