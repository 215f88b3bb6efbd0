namespace Spillway.Delivery;

/// <summary>Where an arena holds a slot's bytes: a position that only grows. Length −1: not encoded in this format.</summary>
internal readonly record struct Place(long At, int Length);
