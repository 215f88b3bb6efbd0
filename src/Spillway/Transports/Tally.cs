using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Spillway.Transports;

/// <summary>Counts by reason, in plain numbers that an instrument reads when somebody asks: who counts calls no listener of metrics, which may lock.</summary>
internal sealed class Tally<TReason>
    where TReason : struct, Enum
{
    private static readonly TReason[] Reasons = Enum.GetValues<TReason>();
    private static readonly KeyValuePair<string, object?>[] Tags = [.. Reasons.Select(static reason => new KeyValuePair<string, object?>("reason", JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString())))];

    private readonly long[] _counts = new long[Reasons.Length];

    /// <summary>One more. Any thread.</summary>
    public void Add(TReason reason) => Interlocked.Increment(ref _counts[Array.IndexOf(Reasons, reason)]);

    /// <summary>Those that there are.</summary>
    public IEnumerable<Measurement<long>> Measure()
    {
        for (var i = 0; i < Reasons.Length; i++)
        {
            if (Volatile.Read(ref _counts[i]) is > 0 and var count)
            {
                yield return new Measurement<long>(count, Tags[i]);
            }
        }
    }
}
