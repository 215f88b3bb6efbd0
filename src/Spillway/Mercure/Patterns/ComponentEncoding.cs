namespace Spillway.Mercure.Patterns;

/// <summary>Brings a piece of fixed text into the form that it has in a URL; false where no URL has it.</summary>
internal delegate bool ComponentEncoding(string text, out string encoded);
