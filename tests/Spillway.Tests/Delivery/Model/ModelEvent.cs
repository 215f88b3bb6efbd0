using System.Text;
using Spillway.Events;

namespace Spillway.Tests.Delivery.Model;

/// <summary>An event as the model remembers it.</summary>
/// <param name="ephemeral">Its number behind the offset; 0: history has it.</param>
/// <param name="expires">Milliseconds since 1970; none: <see cref="long.MaxValue"/>.</param>
/// <param name="rules">Which of the script's rules were in force when it came.</param>
internal sealed class ModelEvent(int index, PushEvent source, long offset, uint ephemeral, long slot, EventPriority priority, long expires, int rules)
{
    /// <summary>Its place in publishing order.</summary>
    public int Index => index;

    public PushEvent Source => source;

    public long Offset => offset;

    public uint Ephemeral => ephemeral;

    public long Slot => slot;

    public long Expires => expires;

    public int Rules => rules;

    public bool IsRecorded => ephemeral == 0;

    public bool IsLow => priority == EventPriority.Low;

    /// <summary>Whether no policy may give it up.</summary>
    public bool IsKept => priority == EventPriority.Critical || source.Final;

    /// <summary>What a newer event must share to stand for it.</summary>
    public string Identity { get; } = string.Join(' ', [source.Topic, .. source.Alternates, "/", source.Key ?? "-", source.Private]);

    /// <summary>Of which value a snapshot has the newest.</summary>
    public string Value { get; } = $"{source.Topic} {source.Key ?? "-"} {source.Private}";

    public bool IsSelectedBy(SelectorSet set) =>
        set.MayMatch(Encoding.UTF8.GetBytes(source.Topic)) || source.Alternates.Any(alternate => set.MayMatch(Encoding.UTF8.GetBytes(alternate)));

    public override string ToString() => $"{index}@{offset}.{ephemeral}";
}
