using System.Collections;

namespace Spillway.Configuration;

/// <summary>Finds the options that two sets of them do not have in common.</summary>
internal static class OptionDifferences
{
    /// <summary>The keys of the values that differ; of a list, its own key.</summary>
    public static IEnumerable<string> Find(object before, object after, string key)
    {
        foreach (var property in OptionShape.PropertiesOf(before.GetType()))
        {
            var own = $"{key}:{property.Name}";
            var (old, now) = (property.GetValue(before), property.GetValue(after));
            if (OptionShape.IsTextList(property.PropertyType))
            {
                if (!((IList<string>)old!).SequenceEqual((IList<string>)now!, StringComparer.Ordinal))
                {
                    yield return own;
                }
            }
            else if (OptionShape.ElementOf(property.PropertyType) is not null)
            {
                if (!AreAlike((IList)old!, (IList)now!))
                {
                    yield return own;
                }
            }
            else if (OptionShape.IsSection(property.PropertyType))
            {
                foreach (var inner in Find(old!, now!, own))
                {
                    yield return inner;
                }
            }
            else if (!Equals(old, now))
            {
                yield return own;
            }
        }
    }

    /// <summary>Whether two lists have the same members with the same values, in the same order.</summary>
    public static bool AreAlike(IList before, IList after) =>
        before.Count == after.Count && before.Cast<object>().Zip(after.Cast<object>()).All(static pair => !Find(pair.First, pair.Second, "").Any());
}
