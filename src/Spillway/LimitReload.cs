using System.Reflection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Spillway;

/// <summary>
/// Takes over those limits that are read from the options of the hub whenever they are needed, so that to change them there is all: every one of <see cref="LimitOptions"/>, and of other sections those that no client was
/// told and no socket was given when the hub started.
/// </summary>
internal sealed partial class LimitReload(IOptions<SpillwayOptions> options, ILogger<LimitReload> logger) : IReloadable
{
    private static readonly (string Key, Func<SpillwayOptions, object> SectionOf, PropertyInfo Property)[] Limits =
    [
        .. Of(nameof(SpillwayOptions.Limits), static all => all.Limits, [.. typeof(LimitOptions).GetProperties().Select(static property => property.Name)]),
        .. Of(nameof(SpillwayOptions.Sse), static all => all.Sse, nameof(SseOptions.AcceptRate)),
        .. Of(
            nameof(SpillwayOptions.WebSocket), static all => all.WebSocket, nameof(WebSocketOptions.MessageBytes), nameof(WebSocketOptions.MessageFragments), nameof(WebSocketOptions.MessageTimeout),
            nameof(WebSocketOptions.MessagesPerSecond), nameof(WebSocketOptions.Selectors), nameof(WebSocketOptions.ReceiptShare), nameof(WebSocketOptions.ReceiptInterval)),
        .. Of(
            nameof(SpillwayOptions.Polling), static all => all.Polling, nameof(PollingOptions.Wait), nameof(PollingOptions.MaxWait), nameof(PollingOptions.Events), nameof(PollingOptions.Bytes)),
        .. Of(nameof(SpillwayOptions.Transports), static all => all.Transports, nameof(TransportOptions.IgnoredBytes)),
        .. Of(nameof(SpillwayOptions.Delivery), static all => all.Delivery, nameof(DeliveryOptions.RestBytes)),
    ];

    /// <summary>Their keys.</summary>
    public static IEnumerable<string> Keys => Limits.Select(static limit => limit.Key);

    public PreparedChange? Prepare(SpillwayOptions changed)
    {
        var current = options.Value;
        var differing = Array.FindAll(Limits, limit => !Equals(limit.Property.GetValue(limit.SectionOf(current)), limit.Property.GetValue(limit.SectionOf(changed))));
        if (differing.Length == 0)
        {
            return null;
        }

        // What is changed fits what is changed with it; but what waits for a restart is as it was.
        var faults = SpillwayOptionsValidator.FindLimitFaults(changed.Limits, current.Delivery, current.History);
        return faults.Count == 0
            ? new PreparedChange(() => Apply(current, changed, differing), static () => { })
            : throw new OptionsValidationException(Options.DefaultName, typeof(SpillwayOptions), faults.Select(static fault => $"{fault} Until a restart the hub runs with what it was started with."));
    }

    private void Apply(SpillwayOptions current, SpillwayOptions changed, (string Key, Func<SpillwayOptions, object> SectionOf, PropertyInfo Property)[] differing)
    {
        foreach (var (_, sectionOf, property) in differing)
        {
            property.SetValue(sectionOf(current), property.GetValue(sectionOf(changed))); // Numbers of a word: nobody reads half of one.
        }

        Log.Changed(logger, string.Join(", ", differing.Select(static limit => limit.Key)));
    }

    private static IEnumerable<(string Key, Func<SpillwayOptions, object> SectionOf, PropertyInfo Property)> Of(string section, Func<SpillwayOptions, object> sectionOf, params string[] names)
    {
        var type = typeof(SpillwayOptions).GetProperty(section)!.PropertyType;
        return names.Select(name => ($"{SpillwayOptions.Section}:{section}:{name}", sectionOf, type.GetProperty(name)!));
    }
}
