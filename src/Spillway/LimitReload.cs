using System.Reflection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Spillway;

/// <summary>
/// Takes over those limits that are read from the options of the hub whenever they are needed, so that to change them there is all. Others measure tables that are made when the hub starts, or have to fit those.
/// </summary>
internal sealed partial class LimitReload(IOptions<SpillwayOptions> options, ILogger<LimitReload> logger) : IReloadable
{
    private static readonly (string Key, Func<SpillwayOptions, object> SectionOf, PropertyInfo Property)[] Limits =
    [
        .. new[]
        {
            nameof(LimitOptions.BatchEvents), nameof(LimitOptions.SelectorsInQuery), nameof(LimitOptions.SelectorsInBody), nameof(LimitOptions.SubscriptionBytes), nameof(LimitOptions.LastEvents),
            nameof(LimitOptions.PublishIdle),
        }.Select(static name => Limit(nameof(SpillwayOptions.Limits), static all => all.Limits, typeof(LimitOptions), name)),
        Limit(nameof(SpillwayOptions.Sse), static all => all.Sse, typeof(SseOptions), nameof(SseOptions.AcceptRate)),
    ];

    /// <summary>Their keys.</summary>
    public static IEnumerable<string> Keys => Limits.Select(static limit => limit.Key);

    public PreparedChange? Prepare(SpillwayOptions changed)
    {
        var current = options.Value;
        var others = Array.FindAll(Limits, limit => !Equals(limit.Property.GetValue(limit.SectionOf(current)), limit.Property.GetValue(limit.SectionOf(changed))));
        return others.Length == 0 ? null : new PreparedChange(() => Apply(current, changed, others), static () => { });
    }

    private void Apply(SpillwayOptions current, SpillwayOptions changed, (string Key, Func<SpillwayOptions, object> SectionOf, PropertyInfo Property)[] others)
    {
        foreach (var (_, sectionOf, property) in others)
        {
            property.SetValue(sectionOf(current), property.GetValue(sectionOf(changed))); // Numbers of a word: nobody reads half of one.
        }

        Log.Changed(logger, string.Join(", ", others.Select(static limit => limit.Key)));
    }

    private static (string Key, Func<SpillwayOptions, object> SectionOf, PropertyInfo Property) Limit(string section, Func<SpillwayOptions, object> sectionOf, Type type, string name) =>
        ($"{SpillwayOptions.Section}:{section}:{name}", sectionOf, type.GetProperty(name)!);
}
