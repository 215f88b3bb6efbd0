using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Configuration;
using Spillway.Events;
using Spillway.Mercure;

namespace Spillway;

/// <summary>Says everything that is wrong with options at once; each fault names key, value and remedy.</summary>
/// <param name="services">What the host has registered; null where there is none.</param>
internal sealed class SpillwayOptionsValidator(IServiceProviderIsService? services = null) : IValidateOptions<SpillwayOptions>
{
    public ValidateOptionsResult Validate(string? name, SpillwayOptions options)
    {
        var faults = FindFaults(options, hostDecides: services?.IsService(typeof(IAccessCallback)) == true);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    public static IReadOnlyList<string> FindFaults(SpillwayOptions options, bool hostDecides = false)
    {
        var faults = new List<string>();
        CheckBounds(options, SpillwayOptions.Section, faults);
        if (faults.Count == 0) // Values that are out of bounds would be reported twice.
        {
            CheckTogether(options, faults);
            CheckQuotas(options, faults);
            faults.AddRange(AccessSetup.FindFaults(options.Access, hostDecides, MercureSetup.LetsIn(options.Mercure)));
            faults.AddRange(MercureSetup.FindFaults(options, hostDecides));
        }

        CheckRules(options.Rules, faults);
        return faults;
    }

    /// <summary>Finds the values of a section, and of those in it, that are out of their bounds.</summary>
    public static void CheckBounds(object section, string key, List<string> faults)
    {
        foreach (var property in OptionShape.PropertiesOf(section.GetType()))
        {
            var own = $"{key}:{property.Name}";
            var value = property.GetValue(section);
            if (OptionShape.IsTextList(property.PropertyType))
            {
                continue; // What is in it is for whoever reads it.
            }

            if (OptionShape.ElementOf(property.PropertyType) is not null)
            {
                var index = 0;
                foreach (var item in (IEnumerable)value!)
                {
                    CheckBounds(item, $"{own}:{index++}", faults);
                }
            }
            else if (OptionShape.IsSection(property.PropertyType))
            {
                CheckSection(value, own, faults);
            }
            else if (!IsInBounds(property, value))
            {
                faults.Add($"{own} is {OptionText.Format(property, value)}; give it {OptionText.Wanted(property)}.");
            }
        }
    }

    private static void CheckSection(object? section, string key, List<string> faults)
    {
        if (section is null)
        {
            faults.Add($"{key} is null; leave it as it is, or give it options.");
            return;
        }

        CheckBounds(section, key, faults);
    }

    private static bool IsInBounds(PropertyInfo property, object? value)
    {
        if (value is null || (value is string text && text.Trim().Length == 0))
        {
            return property.GetCustomAttribute<RequiredAttribute>() is null;
        }

        if (value is Enum choice)
        {
            return Enum.IsDefined(choice.GetType(), choice);
        }

        return OptionShape.BoundsOf(property) is not var (minimum, maximum)
            || (Compare(value, minimum) >= 0 && Compare(value, maximum) <= 0);
    }

    private static int Compare(object value, object bound) => value is TimeSpan span
        ? span.CompareTo((TimeSpan)bound)
        : Convert.ToDouble(value, null).CompareTo(Convert.ToDouble(bound, null));

    private static void CheckTogether(SpillwayOptions options, List<string> faults)
    {
        var (limits, delivery, history) = (options.Limits, options.Delivery, options.History);
        if (!BitOperations.IsPow2(delivery.WindowEvents))
        {
            var above = BitOperations.RoundUpToPowerOf2((uint)delivery.WindowEvents);
            faults.Add($"Spillway:Delivery:WindowEvents is {delivery.WindowEvents}, which is no power of two; give it {above / 2} or {above}.");
        }

        if (history.Data != "memory" && history.Data.Trim().Equals("memory", StringComparison.OrdinalIgnoreCase))
        {
            faults.Add($"Spillway:History:Data is \"{history.Data}\", which would be a directory; write \"memory\" for memory, or \"./{history.Data.Trim()}\" for the directory.");
        }

        if (history.Commit < history.WeakestCommit)
        {
            faults.Add($"Spillway:History:Commit is {Name(history.Commit)}, weaker than Spillway:History:WeakestCommit ({Name(history.WeakestCommit)}); raise the one or lower the other.");
        }

        if (options.Polling.Wait > options.Polling.MaxWait)
        {
            faults.Add($"Spillway:Polling:Wait is {Milliseconds(options.Polling.Wait)}, longer than Spillway:Polling:MaxWait ({Milliseconds(options.Polling.MaxWait)}); lower the one or raise the other.");
        }

        if (!options.Sse.Enabled && !options.WebSocket.Enabled && !options.Polling.Enabled)
        {
            faults.Add("Spillway:Sse:Enabled, Spillway:WebSocket:Enabled and Spillway:Polling:Enabled are all false: nobody could subscribe; leave one of them on.");
        }

        faults.AddRange(FindLimitFaults(limits, delivery, history));

        static string Name(CommitLevel level) => level.ToString().ToLowerInvariant();
    }

    /// <summary>What limits do not fit each other, or what they are limits of.</summary>
    public static IReadOnlyList<string> FindLimitFaults(LimitOptions limits, DeliveryOptions delivery, HistoryOptions history)
    {
        var faults = new List<string>();
        AtLeast("Delivery:WindowBytes", delivery.WindowBytes, 4L * limits.EventBytes, "four times Limits:EventBytes", "Limits:EventBytes");
        AtLeast("Limits:BatchBytes", limits.BatchBytes, limits.EventBytes, "Limits:EventBytes, or an event could never be published", "Limits:EventBytes");
        AtLeast("Limits:IngressQueueBytes", limits.IngressQueueBytes, limits.BatchBytes, "Limits:BatchBytes, or a batch could never be taken", "Limits:BatchBytes");
        AtLeast("History:MaxBytes", history.MaxBytes, limits.EventBytes, "Limits:EventBytes, or an event could never be kept", "Limits:EventBytes");
        return faults;

        void AtLeast(string key, long value, long least, string why, string other)
        {
            if (value < least)
            {
                faults.Add($"Spillway:{key} is {value}; give it at least {least} ({why}), or lower Spillway:{other}.");
            }
        }
    }

    private static void CheckRules(IList<TopicRule> rules, List<string> faults)
    {
        var most = rules.Count > 0 && rules[^1].Pattern == "**" ? TopicRules.MaxRules : TopicRules.MaxRules - 1;
        if (rules.Count > most)
        {
            faults.Add($"Spillway:Rules has {rules.Count} rules; keep at most {TopicRules.MaxRules}, with the last one for \"**\": join some by a wider pattern.");
        }

        var patterns = new TopicPattern?[rules.Count];
        for (var i = 0; i < rules.Count; i++)
        {
            var (key, rule) = ($"Spillway:Rules:{i}", rules[i]);
            var pattern = rule.Pattern ?? ""; // Null is reported with the bounds.
            if (!string.IsNullOrWhiteSpace(pattern) && !TopicPattern.TryParse(pattern, out patterns[i], out var fault))
            {
                faults.Add($"{key}:Pattern: \"{pattern}\" {fault}.");
            }

            if (patterns[i] is { } parsed && Array.FindIndex(patterns, 0, i, before => before?.Covers(parsed) == true) is var first and >= 0)
            {
                faults.Add($"{key}:Pattern is \"{pattern}\", which is never reached: rule {first} (\"{rules[first].Pattern}\") takes its topics first; move it up, or remove it.");
            }

            if (rule is { History: false, Overflow: OverflowPolicy.Replay })
            {
                faults.Add($"{key}:Overflow is replay, but {key}:History is false: there is nothing to replay; set History to true, or Overflow to drop-oldest.");
            }

            if (rule is { Retain: RetainMode.None, MaxKeys: >= 1 and <= TopicRule.MostKeys }) // What is out of bounds is told already.
            {
                faults.Add($"{key}:MaxKeys is set, but {key}:Retain is none: no keys are retained; set Retain to latest, or remove MaxKeys.");
            }

            if (rule is { Batch: { } batch, Ttl: { } ttl } && batch >= ttl)
            {
                faults.Add($"{key}:Batch is {Milliseconds(batch)}, but {key}:Ttl is {Milliseconds(ttl)}: what waits so long is not delivered; give Batch at most half of Ttl, or remove one.");
            }

            if (!rule.History && NameOfBound(rule) is { } bound)
            {
                faults.Add($"{key}:{bound} is set, but {key}:History is false: nothing is kept; set History to true, or remove {bound}.");
            }
        }
    }

    private static string Milliseconds(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds}ms");

    private static string? NameOfBound(TopicRule rule) => rule switch
    {
        { MaxAge: not null } => nameof(TopicRule.MaxAge),
        { MaxBytes: not null } => nameof(TopicRule.MaxBytes),
        { MaxEvents: not null } => nameof(TopicRule.MaxEvents),
        { Retain: not RetainMode.None } => nameof(TopicRule.Retain),
        _ => null,
    };

    /// <summary>What rules keep for themselves has room in what the hub keeps.</summary>
    private static void CheckQuotas(SpillwayOptions options, List<string> faults)
    {
        Check("MaxBytes", options.History.MaxBytes, static rule => rule.MaxBytes);
        Check("MaxEvents", options.History.MaxEvents, static rule => rule.MaxEvents);

        void Check(string name, long hub, Func<TopicRule, long?> quotaOf)
        {
            var quotas = options.Rules.Where(rule => quotaOf(rule) is not null).ToList();
            var sum = quotas.Aggregate(Int128.Zero, (sum, rule) => sum + quotaOf(rule)!.Value);
            if (sum > hub)
            {
                var list = string.Join(", ", quotas.Select(rule => $"\"{rule.Pattern}\" {quotaOf(rule)}"));
                faults.Add($"Spillway:Rules: the rules' {name} are together {sum} ({list}), more than Spillway:History:{name}, which is {hub}; lower them, or raise that to at least {sum}.");
            }
        }
    }
}
