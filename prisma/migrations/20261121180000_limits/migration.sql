-- What the limits count for all servers together; the library that counts has this shape of its own.
CREATE TABLE "pms_limits" (
    "key" VARCHAR(255) NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "pms_limits_pkey" PRIMARY KEY ("key")
);
