namespace Spillway;

/// <summary>A part of the hub that takes changed options over while it runs, together with all other parts or not at all.</summary>
internal interface IReloadable
{
    /// <summary>Makes ready what valid options say, and changes nothing yet; null where nothing is to be changed. What stands against it is thrown, with a message for the operator.</summary>
    PreparedChange? Prepare(SpillwayOptions options);
}
