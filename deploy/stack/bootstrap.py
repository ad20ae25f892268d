"""The first facts of a new installation: Hải Phòng's public institutions and an administrator."""
