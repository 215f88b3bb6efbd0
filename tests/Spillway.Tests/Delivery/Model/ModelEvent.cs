using System.Text;
using Spillway.Events;

namespace Spillway.Tests.Delivery.Model;

/// <summary>An event as the model remembers it, in publishing order.</summary>
/// <param name="Ephemeral">Its number behind the offset; 0: history has it.</param>
/// <param name="Expires">Milliseconds since 1970; none: <see cref="long.MaxValue"/>.</param>
/// <param name="Rules">Which of the script's rules were in force when it came.</param>
internal sealed record ModelEvent(int Index, PushEvent Source, long Offset, uint Ephemeral, long Slot, long Expires, int Rules)
{
    public bool IsRecorded => Ephemeral == 0;

    public bool IsCritical => Source.Priority == EventPriority.Critical;

    /// <summary>What a newer event must share to stand for it.</summary>
    public string Identity { get; } = string.Join(' ', [Source.Topic, .. Source.Alternates, "/", Source.Key ?? "-", Source.Private]);

    public bool IsSelectedBy(SelectorSet set) =>
        set.Matches(Encoding.UTF8.GetBytes(Source.Topic)) || Source.Alternates.Any(alternate => set.Matches(Encoding.UTF8.GetBytes(alternate)));

    public override string ToString() => $"{Index}@{Offset}.{Ephemeral}";
}
